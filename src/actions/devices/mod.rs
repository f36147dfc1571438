//! What may become of a person's device: `remove` ends it, `message` informs it.

mod message;
mod remove;

pub use message::message_row;
pub use remove::remove;
pub(super) use remove::revoke;
