//! The state of a challenge with time applied: the only place that does so.

use super::transitions::Expiring;
use crate::clock::Timestamp;
use ::entity::{
    challenge::{Column, Entity, Model},
    enums::ChallengeState,
};

/// Returns the state at `now`. The stored state of an expired challenge changes only when the clean-up runs.
pub fn state_at(challenge: &Model, now: Timestamp) -> ChallengeState {
    if ends_at(challenge).is_some_and(|at| at <= now) { ChallengeState::Expired } else { challenge.state }
}

/// Returns the version at `now`. An expiry that is not stored yet counts as one more.
pub fn version_at(challenge: &Model, now: Timestamp) -> i64 {
    if state_at(challenge, now) == challenge.state { challenge.version } else { challenge.version + 1 }
}

/// Returns the time at which the stored state expires; `None` when it is final. An approval without a time
/// for its consumption has expired.
pub fn ends_at(challenge: &Model) -> Option<Timestamp> {
    let deadline = Entity::deadline(challenge.state)?;
    Some(deadline.of(|column| match column {
        Column::ExpiresAt => Some(challenge.expires_at),
        Column::ConsumeBy => challenge.consume_by,
        _ => None,
    }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use ::entity::{
        enums::ChallengePurpose,
        ids::{ChallengeId, PersonId, WorkspaceId},
    };
    use sea_orm::{Iterable, prelude::Uuid};

    const EXPIRES_AT: Timestamp = Timestamp(1000);
    const CONSUME_BY: Timestamp = Timestamp(2000);

    pub(in crate::storage) fn challenge(state: ChallengeState, consume_by: Option<Timestamp>) -> Model {
        Model {
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
        }
    }

    #[test]
    fn an_open_challenge_and_an_approval_expire_and_every_other_state_is_final() {
        for state in ChallengeState::iter() {
            for consume_by in [None, Some(CONSUME_BY)] {
                let challenge = challenge(state, consume_by);
                for now in [950, 999, 1000, 1999, 2000, 9000].map(Timestamp) {
                    let has_expired = match state {
                        ChallengeState::Pending | ChallengeState::Delivered => now.0 >= 1000,
                        ChallengeState::Approved => consume_by.is_none() || now.0 >= 2000,
                        _ => false,
                    };
                    let expected = if has_expired { ChallengeState::Expired } else { state };
                    let version = if has_expired { 8 } else { 7 };
                    let found = (state_at(&challenge, now), version_at(&challenge, now));
                    assert_eq!(found, (expected, version), "{state:?} {consume_by:?} {now:?}");
                }
            }
        }
    }
}
