//! Enrollments of devices: `find` reads them; `claim` and `complete` are the steps of a device, with the
//! `ceremony` in between; `end` ends enrollments that will not be completed.

mod ceremony;
mod claim;
mod complete;
mod end;
mod find;

pub use ceremony::{Ceremony, verifier};
pub use claim::{Claimant, claim, count_failed_claim, record_contest};
pub use complete::complete;
pub use end::cancel;
pub(super) use end::expire;
pub use find::{Completion, Enrollment, find, find_by_code, pool_and_account};
