//! The code flow alone (RFC 6749 §3.1.1).

use super::RawAuthorizationRequest;
use crate::protocol::{OAuthError, Reason, Received};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    match raw.get("response_type") {
        Some("code") => Ok(()),
        Some(other) => Err(Reason::UnsupportedResponseType(Received::new(other)).into()),
        None => Err(Reason::MissingParameter("response_type").into()),
    }
}
