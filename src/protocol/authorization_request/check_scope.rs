//! `scope` (RFC 6749 §3.3, OpenID Connect Core §3.1.2.1).
//!
//! Unknown scopes are ignored, as Core requires. A request without `openid` is a plain OAuth request: it gets
//! no ID token, and userinfo refuses its access token (`insufficient_scope`). A request without any known
//! scope is refused, because nothing could be granted.

use super::RawAuthorizationRequest;
use crate::protocol::{EchoedValue, OAuthError, OAuthReason, ScopeSet};

pub(super) fn check(raw: &RawAuthorizationRequest) -> Result<ScopeSet, OAuthError> {
    let text = raw.get("scope").ok_or(OAuthReason::ScopeMissing)?;
    let scopes = ScopeSet::parse(text).map_err(|_| OAuthReason::ScopeMalformed)?;
    if scopes.is_empty() { Err(OAuthReason::ScopeUnknown(EchoedValue::new(text)).into()) } else { Ok(scopes) }
}
