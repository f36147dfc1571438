//! Where a challenge stands, with its time.

use super::ListedChallenge;
use crate::{clock::Timestamp, factors::push::ChallengeState, storage::challenges::Challenge};
use ::entity::challenge::ChallengeState as Column;

/// Its state, its time considered: rows learn of it when they are swept.
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

/// The word that devices see.
pub fn word_of(challenge: &Challenge, now: Timestamp) -> &'static str {
    current_state(challenge, now).as_str()
}

/// As it stands in a list.
pub fn listed(challenge: &Challenge, now: Timestamp) -> ListedChallenge {
    ListedChallenge {
        cid: challenge.id.to_string(),
        state: word_of(challenge, now).to_owned(),
        exp: challenge.expires_at.unix_seconds(),
    }
}
