//! A challenge with its state at a time, and the devices that it was sent to.

use super::NUMBER_MISMATCH;
use crate::{
    clock::Timestamp,
    factors::push::WithdrawalReason,
    limits::push::{ChallengeOutcome, Sent},
    storage::transitions::Expiring,
};
use ::entity::{
    challenge::{Column, Entity, Model},
    challenge_device,
    enums::ChallengeState,
    ids::{AuthenticatorId, BrowserSessionId, ChallengeId, JourneyId, PersonId, WorkspaceId},
};

/// A challenge as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Challenge(pub(in crate::storage) Model);

impl Challenge {
    /// Returns the state at `now`. The stored state of an expired challenge changes only when the clean-up
    /// runs.
    pub fn state_at(&self, now: Timestamp) -> ChallengeState {
        if self.ends_at().is_some_and(|at| at <= now) { ChallengeState::Expired } else { self.0.state }
    }

    /// Returns the version at `now`. An expiry that is not stored yet counts as one more.
    pub fn version_at(&self, now: Timestamp) -> i64 {
        if self.state_at(now) == self.0.state { self.0.version } else { self.0.version + 1 }
    }

    /// Returns the time at which the stored state expires; `None` when it is final. An approval without a time
    /// for its consumption has expired.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let deadline = Entity::deadline(self.0.state)?;
        Some(deadline.of(|column| match column {
            Column::ExpiresAt => Some(self.0.expires_at),
            Column::ConsumeBy => self.0.consume_by,
            _ => None,
        }))
    }

    /// Returns the challenge as the limits see it (see [`limits`](crate::limits::push)).
    pub fn sent_at(&self, now: Timestamp) -> Sent {
        let outcome = match self.state_at(now) {
            ChallengeState::Pending | ChallengeState::Delivered => ChallengeOutcome::Open,
            ChallengeState::Approved | ChallengeState::Consumed => ChallengeOutcome::Approved,
            // Approved, but not consumed in time.
            ChallengeState::Expired if self.0.answered_at.is_some() => ChallengeOutcome::Approved,
            ChallengeState::Denied if self.is_mismatch() => ChallengeOutcome::Mismatched,
            ChallengeState::Denied | ChallengeState::Reported => ChallengeOutcome::Denied,
            ChallengeState::Superseded | ChallengeState::Expired => ChallengeOutcome::Unanswered,
        };
        let ends_at = self.0.answered_at.unwrap_or(self.0.expires_at);
        let is_from_known_browser = self.0.is_from_known_browser;
        Sent { journey: self.0.journey_id, at: self.0.created_at, ends_at, outcome, is_from_known_browser }
    }

    /// Returns why the challenge was withdrawn; `None` if it was not, or by a newer version for another reason.
    pub fn withdrawal_reason(&self) -> Option<WithdrawalReason> {
        self.0.reason.as_deref().and_then(WithdrawalReason::parse)
    }

    /// Whether it was denied by an approval with a wrong number.
    pub fn is_mismatch(&self) -> bool {
        self.0.reason.as_deref() == Some(NUMBER_MISMATCH)
    }

    /// Whether its person has denied it, which ends the sign-in; a wrong number does not.
    pub fn is_denied(&self) -> bool {
        self.0.state == ChallengeState::Denied && !self.is_mismatch()
    }

    /// Whether its answer has ended the sign-in that asked.
    pub fn has_stopped_its_sign_in(&self) -> bool {
        self.is_denied() || self.0.state == ChallengeState::Reported
    }

    /// Its id.
    pub fn id(&self) -> ChallengeId {
        self.0.id
    }

    /// The workspace of its person.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.0.workspace_id
    }

    /// The person whose devices are asked.
    pub fn person_id(&self) -> PersonId {
        self.0.person_id
    }

    /// The sign-in that asks.
    pub fn journey_id(&self) -> Option<JourneyId> {
        self.0.journey_id
    }

    /// The stored state, whatever the time.
    pub fn stored_state(&self) -> ChallengeState {
        self.0.state
    }

    /// The details as the exact text whose hash is signed.
    pub fn details(&self) -> &str {
        &self.0.details
    }

    /// The hash of the number on the page.
    pub fn number_hash(&self) -> &[u8] {
        &self.0.number_hash
    }

    /// The number on the page, sealed.
    pub fn number_sealed(&self) -> &[u8] {
        &self.0.number_sealed
    }

    /// The number of its digits.
    pub fn digits(&self) -> i32 {
        self.0.digits
    }

    /// The hash of the nonce in the QR code, if there is one.
    pub fn qr_hash(&self) -> Option<&[u8]> {
        self.0.qr_hash.as_deref()
    }

    /// The nonce in the QR code, sealed.
    pub fn qr_sealed(&self) -> Option<&[u8]> {
        self.0.qr_sealed.as_deref()
    }

    /// The time of its sending.
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// The time until which it may be answered.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }

    /// The device that has answered it.
    pub fn answered_by(&self) -> Option<AuthenticatorId> {
        self.0.answered_by
    }

    /// The time of the answer.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.0.answered_at
    }

    /// The time until which the browser may consume the approval.
    pub fn consume_by(&self) -> Option<Timestamp> {
        self.0.consume_by
    }

    /// The session that came of the approval.
    pub fn session_id(&self) -> Option<BrowserSessionId> {
        self.0.session_id
    }

    /// Whether the person has reported the approval after it was consumed.
    pub fn is_reported_late(&self) -> bool {
        self.0.reported_at.is_some()
    }

    /// The stored reason of a withdrawal, a denial or a report.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The digest of the signed answer.
    pub fn answer_digest(&self) -> Option<&[u8]> {
        self.0.answer_digest.as_deref()
    }

    /// Whether the answering device verified its user; `None` where that was not requested.
    pub fn user_verified(&self) -> Option<bool> {
        self.0.user_verified
    }
}

/// A device that a challenge was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeDevice {
    /// The device.
    pub authenticator_id: AuthenticatorId,
    /// The nonce that it signs.
    pub nonce: String,
    /// The time of its first fetch.
    pub delivered_at: Option<Timestamp>,
}

impl From<challenge_device::Model> for ChallengeDevice {
    fn from(row: challenge_device::Model) -> Self {
        Self { authenticator_id: row.authenticator_id, nonce: row.nonce, delivered_at: row.delivered_at }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ::entity::enums::ChallengePurpose;
    use sea_orm::prelude::Uuid;

    const EXPIRES_AT: Timestamp = Timestamp(1000);
    const CONSUME_BY: Timestamp = Timestamp(2000);

    pub(in crate::storage) fn sample(state: ChallengeState, consume_by: Option<Timestamp>) -> Challenge {
        Challenge(Model {
            id: ChallengeId(Uuid::from_u128(1)),
            workspace_id: WorkspaceId(Uuid::from_u128(2)),
            person_id: PersonId(Uuid::from_u128(3)),
            journey_id: None,
            purpose: ChallengePurpose::SignIn,
            state,
            version: 7,
            details: String::new(),
            number_hash: vec![],
            number_sealed: vec![],
            digits: 2,
            qr_hash: None,
            qr_sealed: None,
            created_at: Timestamp(900),
            expires_at: EXPIRES_AT,
            answered_by: None,
            answered_at: None,
            consume_by,
            reason: None,
            answer_digest: None,
            user_verified: None,
            session_id: None,
            reported_at: None,
            is_from_known_browser: false,
        })
    }

    #[test]
    fn an_open_challenge_and_an_approval_expire_and_every_other_state_is_final() {
        for state in ChallengeState::ALL {
            for consume_by in [None, Some(CONSUME_BY)] {
                let challenge = sample(state, consume_by);
                for now in [950, 999, 1000, 1999, 2000, 9000].map(Timestamp) {
                    let has_expired = match state {
                        ChallengeState::Pending | ChallengeState::Delivered => now.0 >= 1000,
                        ChallengeState::Approved => consume_by.is_none() || now.0 >= 2000,
                        _ => false,
                    };
                    let expected = if has_expired { ChallengeState::Expired } else { state };
                    let version = if has_expired { 8 } else { 7 };
                    let found = (challenge.state_at(now), challenge.version_at(now));
                    assert_eq!(found, (expected, version), "{state:?} {consume_by:?} {now:?}");
                }
            }
        }
    }
}
