//! `response_type`: only the code flow (RFC 6749 §3.1.1).

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, OAuthError, OAuthReason, ResponseType};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    let named = raw.get("response_type").ok_or(OAuthReason::MissingParameter("response_type"))?;
    match ResponseType::parse(named) {
        Some(ResponseType::Code) => Ok(()),
        None => Err(OAuthReason::UnsupportedResponseType(EchoedValue::new(named)).into()),
    }
}
