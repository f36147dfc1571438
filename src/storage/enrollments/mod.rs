//! Enrollments of devices. Every change of a state is an update that `transitions` builds with its guard.

mod endings;
mod enrollment;
mod queries;
mod steps;

pub(super) use endings::overdue;
pub use endings::{EnrollmentFilter, end, expire, list_overdue};
#[cfg(test)]
pub(super) use enrollment::tests::sample;
pub use enrollment::{Enrollment, NewEnrollment, insert_enrollment};
pub use queries::{find, find_by_code, find_of_journey, lock};
pub use steps::{Completion, claim, complete, confirm, count_claim_failure, count_confirm_failure};
