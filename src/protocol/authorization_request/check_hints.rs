//! `login_hint` and `id_token_hint`: the expected person (OpenID Connect Core §3.1.2.1). Kept, never trusted.

use super::RawAuthorizationRequest;
use crate::protocol::{LoginHint, OAuthError, OAuthReason, UnverifiedIdTokenHint};

pub(super) fn check_login_hint(raw: &RawAuthorizationRequest) -> Result<Option<LoginHint>, OAuthError> {
    let unusable = OAuthReason::UnusableParameter("login_hint", LoginHint::MAX_BYTES);
    raw.get("login_hint").map(|hint| LoginHint::parse(hint).ok_or(unusable.into())).transpose()
}

pub(super) fn check_id_token_hint(
    raw: &RawAuthorizationRequest,
) -> Result<Option<UnverifiedIdTokenHint>, OAuthError> {
    let unusable = OAuthReason::UnusableParameter("id_token_hint", UnverifiedIdTokenHint::MAX_BYTES);
    raw.get("id_token_hint").map(|hint| UnverifiedIdTokenHint::parse(hint).ok_or(unusable.into())).transpose()
}
