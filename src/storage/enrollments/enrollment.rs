//! An enrollment with its state at a time, and a new one.

use crate::{
    clock::Timestamp,
    storage::{Fault, Transaction, insert::insert, transitions::Expiring},
};
use ::entity::{
    enrollment::{Column, Entity, Model},
    enums::EnrollmentState,
    ids::{AuthenticatorId, EnrollmentId, JourneyId, PersonId, WorkspaceId},
};
use serde_json::Value;

/// An enrollment as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrollment(pub(in crate::storage) Model);

impl Enrollment {
    /// Returns the state at `now`. The stored state of an expired enrollment changes only when the clean-up
    /// runs.
    pub fn state_at(&self, now: Timestamp) -> EnrollmentState {
        if self.ends_at().is_some_and(|at| at <= now) { EnrollmentState::Expired } else { self.0.state }
    }

    /// Returns the version at `now`. An expiry that is not stored yet counts as one more.
    pub fn version_at(&self, now: Timestamp) -> i64 {
        if self.state_at(now) == self.0.state { self.0.version } else { self.0.version + 1 }
    }

    /// Returns the time at which the stored state expires; `None` when it is final. A completed enrollment
    /// without a time for its confirmation expires with the offer.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let deadline = Entity::deadline(self.0.state)?;
        Some(deadline.of(|column| match column {
            Column::ExpiresAt => Some(self.0.expires_at),
            Column::ConfirmBy => self.0.confirm_by,
            _ => None,
        }))
    }

    /// Its id.
    pub fn id(&self) -> EnrollmentId {
        self.0.id
    }

    /// The workspace of its person.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.0.workspace_id
    }

    /// The person who adds the device.
    pub fn person_id(&self) -> PersonId {
        self.0.person_id
    }

    /// The sign-in in which it was offered.
    pub fn journey_id(&self) -> Option<JourneyId> {
        self.0.journey_id
    }

    /// The stored state, whatever the time.
    pub fn stored_state(&self) -> EnrollmentState {
        self.0.state
    }

    /// The hash of the link's secret.
    pub fn secret_hash(&self) -> &[u8] {
        &self.0.secret_hash
    }

    /// The secret and the activation code, sealed, for the page that offers them.
    pub fn link_sealed(&self) -> &[u8] {
        &self.0.link_sealed
    }

    /// The thumbprint of the key that has claimed it (RFC 7638).
    pub fn thumbprint(&self) -> Option<&str> {
        self.0.thumbprint.as_deref()
    }

    /// The nonce that the completion signs, once it is claimed.
    pub fn nonce(&self) -> Option<&str> {
        self.0.nonce.as_deref()
    }

    /// What the claim leaves for the completion, as a stored document.
    pub fn ceremony(&self) -> Option<&Value> {
        self.0.ceremony.as_ref()
    }

    /// The number of wrong confirmation codes.
    pub fn confirm_failures(&self) -> i32 {
        self.0.confirm_failures
    }

    /// The device, once it is completed.
    pub fn authenticator_id(&self) -> Option<AuthenticatorId> {
        self.0.authenticator_id
    }

    /// The digest of the message that has completed it.
    pub fn completion_digest(&self) -> Option<&[u8]> {
        self.0.completion_digest.as_deref()
    }

    /// The hash of the confirmation code.
    pub fn confirmation_hash(&self) -> Option<&[u8]> {
        self.0.confirmation_hash.as_deref()
    }

    /// The confirmation code, sealed, until it is confirmed.
    pub fn confirmation_sealed(&self) -> Option<&[u8]> {
        self.0.confirmation_sealed.as_deref()
    }

    /// The time until which the confirmation code may be typed.
    pub fn confirm_by(&self) -> Option<Timestamp> {
        self.0.confirm_by
    }

    /// The time until which it may be completed.
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at
    }
}

/// An enrollment to be offered.
#[derive(Clone, Debug)]
pub struct NewEnrollment {
    /// Its id.
    pub id: EnrollmentId,
    /// The workspace of its person.
    pub workspace_id: WorkspaceId,
    /// The person who adds the device.
    pub person_id: PersonId,
    /// The sign-in in which it is offered.
    pub journey_id: Option<JourneyId>,
    /// The hash of the link's secret.
    pub secret_hash: Vec<u8>,
    /// The hash of the activation code.
    pub code_hash: Vec<u8>,
    /// The secret and the activation code, sealed.
    pub link_sealed: Vec<u8>,
    /// The time of the offer.
    pub created_at: Timestamp,
    /// The time until which it may be completed.
    pub expires_at: Timestamp,
}

/// Adds an enrollment in the state `offered`, and returns it. A person has one open enrollment at a time:
/// [`end`](super::end) an older one first.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_enrollment(tx: &Transaction, new: NewEnrollment) -> Result<Enrollment, Fault> {
    let row = Model {
        id: new.id,
        workspace_id: new.workspace_id,
        person_id: new.person_id,
        journey_id: new.journey_id,
        state: EnrollmentState::Offered,
        version: 1,
        secret_hash: new.secret_hash,
        code_hash: new.code_hash,
        link_sealed: new.link_sealed,
        thumbprint: None,
        nonce: None,
        ceremony: None,
        claim_failures: 0,
        authenticator_id: None,
        completion_digest: None,
        confirmation_hash: None,
        confirmation_sealed: None,
        confirm_failures: 0,
        confirm_by: None,
        created_at: new.created_at,
        expires_at: new.expires_at,
    };
    insert(tx, row.clone()).await?;
    Ok(Enrollment(row))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    pub(in crate::storage) fn sample(state: EnrollmentState, confirm_by: Option<Timestamp>) -> Enrollment {
        Enrollment(Model {
            id: EnrollmentId(Uuid::from_u128(1)),
            workspace_id: WorkspaceId(Uuid::from_u128(2)),
            person_id: PersonId(Uuid::from_u128(3)),
            journey_id: None,
            state,
            version: 7,
            secret_hash: vec![],
            code_hash: vec![],
            link_sealed: vec![],
            thumbprint: None,
            nonce: None,
            ceremony: None,
            claim_failures: 0,
            authenticator_id: None,
            completion_digest: None,
            confirmation_hash: None,
            confirmation_sealed: None,
            confirm_failures: 0,
            confirm_by,
            created_at: Timestamp(900),
            expires_at: Timestamp(1000),
        })
    }

    #[test]
    fn an_enrollment_expires_until_it_is_confirmed_and_every_other_state_is_final() {
        for state in EnrollmentState::ALL {
            for confirm_by in [None, Some(Timestamp(2000))] {
                let enrollment = sample(state, confirm_by);
                for now in [950, 999, 1000, 1999, 2000, 9000].map(Timestamp) {
                    let has_expired = match state {
                        EnrollmentState::Offered | EnrollmentState::Claimed => now.0 >= 1000,
                        EnrollmentState::Completed => now.0 >= confirm_by.map_or(1000, |by| by.0),
                        _ => false,
                    };
                    let expected = if has_expired { EnrollmentState::Expired } else { state };
                    let version = if has_expired { 8 } else { 7 };
                    let found = (enrollment.state_at(now), enrollment.version_at(now));
                    assert_eq!(found, (expected, version), "{state:?} {confirm_by:?} {now:?}");
                }
            }
        }
    }
}
