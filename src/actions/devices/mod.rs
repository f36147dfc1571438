//! The devices of people: `find` reads them; `announce` tells the others of a change; `delivery` records how one was reached; `change`, `transport` and `key` are what a device changes about itself; `suspend` and
//! `remove` take it out of use, for a while or for good; `message` builds what is sent to it.

mod announce;
mod change;
mod delivery;
mod find;
mod key;
mod message;
mod remove;
mod suspend;
mod transport;

pub(super) use announce::announce;
pub use change::{Change, change};
pub(super) use delivery::after_delivery;
pub use find::{
    Authenticator, NewAddress, NewDevice, NewTransport, Transport, find, find_by_key, find_transport,
    is_key_enrolled,
};
pub use key::{add_uv_credential, replace_key};
pub use remove::remove;
pub(super) use remove::revoke;
pub use suspend::count_bad_signature;
pub(super) use suspend::suspend;
pub use transport::{send_test_message, set_transport};
