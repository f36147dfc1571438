//! `response_type`: only the code flow (RFC 6749 §3.1.1).

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    match raw.get("response_type") {
        Some("code") => Ok(()),
        Some(other) => Err(OAuthReason::UnsupportedResponseType(EchoedValue::new(other)).into()),
        None => Err(OAuthReason::MissingParameter("response_type").into()),
    }
}
