//! How old the sign-in may be (OpenID Connect Core §3.1.2.1).

use super::RawAuthorizationRequest;
use crate::protocol::{MaxAge, OAuthError, Reason, Received};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<Option<MaxAge>, OAuthError> {
    let parse = |age| MaxAge::parse(age).ok_or_else(|| Reason::MaxAgeMalformed(Received::new(age)).into());
    raw.get("max_age").map(parse).transpose()
}
