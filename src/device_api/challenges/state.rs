//! The state of a challenge in the protocol.

use super::ListedChallenge;
use crate::{clock::Timestamp, storage::challenges::Challenge};

/// Returns the protocol's word for the state at `now`.
pub fn word_of(challenge: &Challenge, now: Timestamp) -> &'static str {
    challenge.state_at(now).as_str()
}

/// Returns the challenge's entry in a list.
pub fn listed(challenge: &Challenge, now: Timestamp) -> ListedChallenge {
    ListedChallenge {
        cid: challenge.id().to_string(),
        state: word_of(challenge, now).to_owned(),
        exp: challenge.expires_at().unix_seconds(),
    }
}
