//! `login_hint`: the account that the client expects (OpenID Connect Core §3.1.2.1).

use super::checked_text::{checked_text, is_plain};
use std::fmt;

checked_text! {
    /// The `login_hint`: 1 to 512 bytes without control characters. It fills a form field; it proves nothing.
    LoginHint, |text: &str| is_plain(text, LoginHint::MAX_BYTES)
}

impl LoginHint {
    /// The longest accepted hint, in bytes.
    pub const MAX_BYTES: usize = 512;
}

/// Hides the value, which is personal data.
impl fmt::Debug for LoginHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginHint")
    }
}
