//! The access token (RFC 6749 §1.4): opaque, so that it can be revoked immediately.

use super::opaque_token::opaque_token;

opaque_token! {
    /// An access token: a bearer secret for userinfo.
    AccessToken, "cs_at_",
    /// The hash of an access token, as it is stored.
    AccessTokenHash
}
