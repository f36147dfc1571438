//! Request objects are refused, never ignored (RFC 9101 §7, OpenID Connect Core §6.1, §6.2, §7.2.1).

use super::RawAuthorizationRequest;
use crate::protocol::{OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<(), OAuthError> {
    let was_sent = |name| raw.get(name).is_some() || raw.is_repeated(name);
    for (name, reason) in [
        ("request", OAuthReason::RequestUnsupported),
        ("request_uri", OAuthReason::RequestUriUnsupported),
        ("registration", OAuthReason::RegistrationUnsupported),
    ] {
        if was_sent(name) {
            return Err(reason.into());
        }
    }
    Ok(())
}
