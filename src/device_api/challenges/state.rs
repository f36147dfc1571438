//! The state of a challenge in the protocol.

use super::ListedChallenge;
use crate::{
    clock::Timestamp,
    factors::push::ChallengeState,
    storage::challenges::{self, Challenge},
};
use ::entity::challenge::ChallengeState as Column;

/// Returns the state at `now`, as the rules and the protocol name it.
pub fn current_state(challenge: &Challenge, now: Timestamp) -> ChallengeState {
    match challenges::state_at(challenge, now) {
        Column::Pending => ChallengeState::Pending,
        Column::Delivered => ChallengeState::Delivered,
        Column::Approved => ChallengeState::Approved,
        Column::Denied => ChallengeState::Denied,
        Column::Reported => ChallengeState::Reported,
        Column::Superseded => ChallengeState::Superseded,
        Column::Expired => ChallengeState::Expired,
        Column::Consumed => ChallengeState::Consumed,
    }
}

/// Returns the protocol's word for the state at `now`.
pub fn word_of(challenge: &Challenge, now: Timestamp) -> &'static str {
    current_state(challenge, now).as_str()
}

/// Returns the challenge's entry in a list.
pub fn listed(challenge: &Challenge, now: Timestamp) -> ListedChallenge {
    ListedChallenge {
        cid: challenge.id.to_string(),
        state: word_of(challenge, now).to_owned(),
        exp: challenge.expires_at.unix_seconds(),
    }
}
