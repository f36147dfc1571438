//! Enrollments of devices: `claim` and `complete` are the steps of a device, `end` ends enrollments that will
//! not be completed.

mod claim;
mod complete;
mod end;

pub use claim::{Claimant, claim, count_failed_claim, record_contest};
pub use complete::complete;
pub use end::cancel;
pub(super) use end::expire;
