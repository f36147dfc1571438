//! `acr_values`: preferred authentication contexts (OpenID Connect Core §3.1.2.1). Unknown ones are no error.

use super::RawAuthorizationRequest;
use crate::protocol::{AcrValue, OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<Vec<AcrValue>, OAuthError> {
    let text = raw.get("acr_values").unwrap_or_default();
    let values = if text.len() > 1024 { None } else { AcrValue::parse_list(text) };
    values.ok_or(OAuthReason::AcrValuesMalformed.into())
}
