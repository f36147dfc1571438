//! Query or form post (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2).

use super::RawAuthorizationRequest;
use crate::protocol::{OAuthError, Reason, Received, ResponseMode};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    match raw.get("response_mode") {
        Some(mode) if ResponseMode::parse(mode).is_none() => {
            Err(Reason::UnsupportedResponseMode(Received::new(mode)).into())
        }
        _ => Ok(()),
    }
}
