//! Proof Key for Code Exchange (RFC 7636), with `S256` only.

use super::{checked_text::checked_text, opaque_token::is_secret};
use crate::digest::sha256;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

checked_text! {
    /// A `code_challenge`: the base64url form of a SHA-256 hash, 43 characters.
    #[derive(Debug)]
    CodeChallenge, is_secret
}

/// A `code_challenge_method` (RFC 7636 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeChallengeMethod {
    /// The challenge is the SHA-256 hash of the verifier.
    S256,
}

impl CodeChallengeMethod {
    /// All supported methods.
    pub const ALL: [Self; 1] = [Self::S256];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S256 => "S256",
        }
    }

    /// Reads the value; `None` when it is not supported.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// A `code_verifier`: 43 to 128 unreserved characters (RFC 7636 §4.1).
#[derive(Clone)]
pub struct CodeVerifier(Zeroizing<String>);

impl CodeVerifier {
    /// Reads the verifier; `None` when its length or a character is not allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let is_unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        let is_verifier = (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved);
        is_verifier.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// Whether `challenge` was made from this verifier (RFC 7636 §4.6), compared in constant time.
    pub fn matches(&self, challenge: &CodeChallenge) -> bool {
        let expected = URL_SAFE_NO_PAD.encode(sha256(self.0.as_bytes()));
        expected.as_bytes().ct_eq(challenge.as_str().as_bytes()).into()
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_rfc_7636_appendix_b_matches() {
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert!(verifier.matches(&CodeChallenge::parse(CHALLENGE).unwrap()));
    }

    #[test]
    fn neither_the_challenge_itself_nor_the_plain_method_matches() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(!CodeVerifier::parse(CHALLENGE).unwrap().matches(&challenge));
        let plain = CodeChallenge::parse(VERIFIER).unwrap();
        assert!(!CodeVerifier::parse(VERIFIER).unwrap().matches(&plain));
    }

    #[test]
    fn lengths_and_characters_are_those_of_the_rfc() {
        for length in [43, 44, 128] {
            assert!(CodeVerifier::parse(&"~".repeat(length)).is_some(), "{length}");
        }
        for length in [0, 42, 129] {
            assert!(CodeVerifier::parse(&"~".repeat(length)).is_none(), "{length}");
        }
        for byte in ["+", "/", "=", " ", "\0", "%"] {
            assert!(CodeVerifier::parse(&byte.repeat(43)).is_none(), "{byte:?}");
        }
        for wrong in [&CHALLENGE[1..], &format!("{CHALLENGE}="), &CHALLENGE.replace('-', "+")] {
            assert_eq!(CodeChallenge::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_challenge_matches_its_own_verifier_and_no_other(
            verifier in "[A-Za-z0-9._~-]{43,128}",
            other in "[A-Za-z0-9._~-]{43,128}",
        ) {
            let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
            let challenge = CodeChallenge::parse(&challenge).unwrap();
            prop_assert!(CodeVerifier::parse(&verifier).unwrap().matches(&challenge));
            prop_assert_eq!(CodeVerifier::parse(&other).unwrap().matches(&challenge), verifier == other);
        }
    }
}
