//! Whom the client expects to sign in (OpenID Connect Core §3.1.2.1).

use super::checked_text::{checked_text, is_plain};
use std::fmt;

checked_text! {
    /// The `login_hint`: 1 to 512 bytes without control characters. It fills a field; it proves nothing.
    LoginHint, |text: &str| is_plain(text, LoginHint::MAX_BYTES)
}

impl LoginHint {
    /// The longest one that is taken, in bytes.
    pub const MAX_BYTES: usize = 512;
}

/// It tells of a person.
impl fmt::Debug for LoginHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginHint")
    }
}
