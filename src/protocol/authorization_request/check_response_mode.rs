//! `response_mode`: honored as requested or refused (OAuth 2.0 Multiple Response Types §2.1, Form Post
//! Response Mode §2).

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, OAuthError, OAuthReason, ResponseMode};

/// `granted` is the requested mode if the client may use it, otherwise the default.
pub(super) fn check(raw: &RawAuthorizationRequest, granted: ResponseMode) -> Result<(), OAuthError> {
    match raw.get("response_mode") {
        Some(requested) if requested != granted.as_str() => {
            Err(OAuthReason::UnsupportedResponseMode(EchoedValue::new(requested)).into())
        }
        _ => Ok(()),
    }
}
