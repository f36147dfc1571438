//! How the answer travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode §2): as it was asked for, or
//! not at all.

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, OAuthError, OAuthReason, ResponseMode};

/// `granted` is what is open to the client.
pub(super) fn check(raw: &RawAuthorizationRequest, granted: ResponseMode) -> Result<(), OAuthError> {
    match raw.get("response_mode") {
        Some(requested) if requested != granted.as_str() => {
            Err(OAuthReason::UnsupportedResponseMode(EchoedValue::new(requested)).into())
        }
        _ => Ok(()),
    }
}
