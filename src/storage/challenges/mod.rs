//! Challenges sent to people's devices. Every change of a state is an update that `transitions` builds with its
//! guard.

mod challenge;
mod changes;
mod endings;
mod new_challenge;
mod queries;

#[cfg(test)]
pub(super) use challenge::tests::sample;
pub use challenge::{Challenge, ChallengeDevice};
pub use changes::{Answer, answer, consume, deliver, lock_person, note_session, report_consumed};
pub(super) use endings::overdue;
pub use endings::{ChallengeFilter, delete_unapproved, expire, list_overdue, supersede};
pub use new_challenge::{NewChallenge, insert_challenge};
pub use queries::{find, find_device, find_of_journey, list_devices, list_open, list_since, list_versions};

/// The stored reason of a denial caused by an approval with a wrong number.
pub const NUMBER_MISMATCH: &str = "number_mismatch";
