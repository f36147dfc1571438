//! `max_age`: the greatest age of the authentication in seconds (OpenID Connect Core §3.1.2.1).

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, MaxAge, OAuthError, OAuthReason};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<Option<MaxAge>, OAuthError> {
    let parse =
        |age| MaxAge::parse(age).ok_or_else(|| OAuthReason::MaxAgeMalformed(EchoedValue::new(age)).into());
    raw.get("max_age").map(parse).transpose()
}
