//! `claims`: individually requested claims (OpenID Connect Core §5.5).

use super::RawAuthorizationRequest;
use crate::protocol::{ClaimsParameter, OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<ClaimsParameter, OAuthError> {
    let parse =
        |text| ClaimsParameter::parse(text).map_err(|problem| OAuthReason::ClaimsMalformed(problem).into());
    raw.get("claims").map_or(Ok(ClaimsParameter::default()), parse)
}
