//! `nonce`: optional in the code flow (OpenID Connect Core §3.1.2.1), returned unchanged.

use super::RawAuthorizationRequest;
use crate::protocol::{Nonce, OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<Option<Nonce>, OAuthError> {
    let parse =
        |nonce| Nonce::parse(nonce).ok_or(OAuthReason::UnusableParameter("nonce", Nonce::MAX_BYTES).into());
    raw.get("nonce").map(parse).transpose()
}
