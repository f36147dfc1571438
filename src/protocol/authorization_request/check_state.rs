//! `state`: returned unchanged (RFC 6749 §4.1.1), or refused without it: the client and its address are known.

use super::RawAuthorizationRequest;
use crate::protocol::{OAuthError, OAuthReason, State};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    match raw.get("state") {
        Some(state) if State::parse(state).is_none() => {
            Err(OAuthReason::UnusableParameter("state", State::MAX_BYTES).into())
        }
        _ => Ok(()),
    }
}
