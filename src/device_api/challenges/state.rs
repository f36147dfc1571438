//! The state of a challenge, with expiry applied.

use super::ListedChallenge;
use crate::{clock::Timestamp, factors::push::ChallengeState, storage::challenges::Challenge};
use ::entity::challenge::ChallengeState as Column;

/// Returns the state at `now`. The stored state of an expired challenge changes only when the retention task
/// runs.
pub fn current_state(challenge: &Challenge, now: Timestamp) -> ChallengeState {
    let (state, ends) = match challenge.state {
        Column::Pending => (ChallengeState::Pending, Some(challenge.expires_at)),
        Column::Delivered => (ChallengeState::Delivered, Some(challenge.expires_at)),
        Column::Approved => (ChallengeState::Approved, challenge.consume_by),
        Column::Denied => (ChallengeState::Denied, None),
        Column::Reported => (ChallengeState::Reported, None),
        Column::Superseded => (ChallengeState::Superseded, None),
        Column::Expired => (ChallengeState::Expired, None),
        Column::Consumed => (ChallengeState::Consumed, None),
    };
    if ends.is_some_and(|ends| ends <= now) { ChallengeState::Expired } else { state }
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
