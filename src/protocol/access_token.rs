//! What opens userinfo (RFC 6749 §1.4): opaque, so that it can be revoked at once.

use super::opaque_token::opaque_token;

opaque_token! {
    /// An access token.
    AccessToken, "cs_at_",
    /// An access token as it is stored.
    AccessTokenHash
}
