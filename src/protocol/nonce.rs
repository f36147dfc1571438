//! `nonce`: binds an ID token to its authorization request (OpenID Connect Core §3.1.2.1).

use super::checked_text::{checked_text, is_plain};

checked_text! {
    /// The `nonce` of a request: 1 to 2048 bytes without control characters, returned in the ID token.
    #[derive(Debug)]
    Nonce, |text: &str| is_plain(text, Nonce::MAX_BYTES)
}

impl Nonce {
    /// The longest accepted nonce, in bytes.
    pub const MAX_BYTES: usize = 2048;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_of_two_kibibytes_is_accepted_and_one_byte_more_is_not() {
        assert!(Nonce::parse(&"n".repeat(2048)).is_some());
        assert!(Nonce::parse(&"n".repeat(2049)).is_none());
        assert!(Nonce::parse("a\0b").is_none());
    }
}
