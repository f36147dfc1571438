//! The proof that a consumed approval gives.

use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::proof::{Candidate, KeyProtection};
use ::entity::ids::{AuthenticatorId, PersonId};

/// An approved challenge, consumed by the browser that began the sign-in. The phone itself never advances a
/// sign-in: its verified answer only changes the challenge's state, and the candidate needs the receipt of
/// the consumption.
#[derive(Clone, Copy, Debug)]
pub struct ConsumedApproval {
    /// The person of the challenge.
    pub person: PersonId,
    /// The device that has approved.
    pub device: AuthenticatorId,
    /// The protection of the device's key.
    pub key: KeyProtection,
    /// Whether the device verified its user; `None` if not requested.
    pub user_verified: Option<bool>,
}

impl ConsumedApproval {
    /// Returns the proof, not confirmed yet.
    pub fn candidate(&self, now: Timestamp) -> Candidate {
        Candidate::signed(self.person, FactorKind::Push, now, self.key, self.user_verified).by(self.device)
    }
}
