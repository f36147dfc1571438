//! Enrollments of devices: `offer` begins one in a sign-in, `claim` and `complete` are the steps of a device,
//! `confirm` activates it by the code that it shows, and `end` ends enrollments that will not be completed.

mod claim;
mod complete;
mod confirm;
mod end;
mod offer;
mod room;

pub use claim::{Claimant, claim, count_failed_claim, record_contest};
pub use complete::complete;
pub(super) use confirm::{Confirmation, Confirmed, confirm};
pub use end::cancel;
pub(super) use end::expire;
pub(super) use offer::{Offer, offer};
pub use offer::{Shown, shown};
pub use room::has_room;
