//! The state of an enrollment with time applied: the only place that does so.

use super::transitions::Expiring;
use crate::clock::Timestamp;
use ::entity::{
    enrollment::{Column, Entity, Model},
    enums::EnrollmentState,
};

/// Returns the state at `now`. The stored state of an expired enrollment changes only when the clean-up runs.
pub fn state_at(enrollment: &Model, now: Timestamp) -> EnrollmentState {
    if ends_at(enrollment).is_some_and(|at| at <= now) { EnrollmentState::Expired } else { enrollment.state }
}

/// Returns the version at `now`. An expiry that is not stored yet counts as one more.
pub fn version_at(enrollment: &Model, now: Timestamp) -> i64 {
    if state_at(enrollment, now) == enrollment.state { enrollment.version } else { enrollment.version + 1 }
}

/// Returns the time at which the stored state expires; `None` when it is final. A completed enrollment
/// without a time for its confirmation expires with the offer.
pub fn ends_at(enrollment: &Model) -> Option<Timestamp> {
    let deadline = Entity::deadline(enrollment.state)?;
    Some(deadline.of(|column| match column {
        Column::ExpiresAt => Some(enrollment.expires_at),
        Column::ConfirmBy => enrollment.confirm_by,
        _ => None,
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ::entity::ids::{EnrollmentId, PersonId, WorkspaceId};
    use sea_orm::{Iterable, prelude::Uuid};

    pub(in crate::storage) fn enrollment(state: EnrollmentState, confirm_by: Option<Timestamp>) -> Model {
        Model {
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
        }
    }

    #[test]
    fn an_enrollment_expires_until_it_is_confirmed_and_every_other_state_is_final() {
        for state in EnrollmentState::iter() {
            for confirm_by in [None, Some(Timestamp(2000))] {
                let enrollment = enrollment(state, confirm_by);
                for now in [950, 999, 1000, 1999, 2000, 9000].map(Timestamp) {
                    let has_expired = match state {
                        EnrollmentState::Offered | EnrollmentState::Claimed => now.0 >= 1000,
                        EnrollmentState::Completed => now.0 >= confirm_by.map_or(1000, |by| by.0),
                        _ => false,
                    };
                    let expected = if has_expired { EnrollmentState::Expired } else { state };
                    let version = if has_expired { 8 } else { 7 };
                    let found = (state_at(&enrollment, now), version_at(&enrollment, now));
                    assert_eq!(found, (expected, version), "{state:?} {confirm_by:?} {now:?}");
                }
            }
        }
    }
}
