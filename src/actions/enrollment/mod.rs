//! Enrollments of devices: `offer` begins one in a sign-in, `claim` and `complete` are the steps of a device, with
//! the `ceremony` in between, `confirm` activates it by the code that it shows, and `end` ends enrollments that will
//! not be completed. `find` reads them.

mod ceremony;
mod claim;
mod complete;
mod confirm;
mod end;
mod find;
mod offer;
mod room;

pub use ceremony::{Ceremony, verifier};
pub use claim::{Claimant, claim, count_failed_claim, record_contest};
pub use complete::complete;
pub(super) use confirm::{Confirmation, Confirmed, confirm};
pub use end::cancel;
pub(super) use end::expire;
pub use find::{
    Completion, Enrollment, device_name, find, find_by_code, find_of_sign_in, find_watched, pool_and_account,
};
pub(super) use offer::{Offer, offer};
pub use offer::{Shown, shown};
pub use room::has_room;
