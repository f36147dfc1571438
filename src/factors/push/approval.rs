//! What an approval is worth once the browser has taken it.

use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::proof::{Candidate, KeyProtection};
use ::entity::ids::PersonId;

/// Seconds that an approval waits for its browser.
pub const CONSUME_WITHIN_SECONDS: i64 = 60;

/// An approved challenge that the browser which began the sign-in has just taken. The phone never moves a sign-in:
/// [`super::answer::verify`] only lets storage mark the challenge, and this counts with the receipt for taking it.
#[derive(Clone, Copy, Debug)]
pub struct ConsumedApproval {
    /// Whose challenge it was.
    pub person: PersonId,
    /// Where the device's key lives.
    pub key: KeyProtection,
    /// Whether the device verified its user; `None` where it was not asked.
    pub user_verified: Option<bool>,
}

impl ConsumedApproval {
    /// What it would prove.
    pub fn candidate(&self, now: Timestamp) -> Candidate {
        Candidate::signed(self.person, FactorKind::Push, now, self.key, self.user_verified)
    }
}
