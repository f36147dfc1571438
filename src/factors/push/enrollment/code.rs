//! The enrollment link, the activation code and the confirmation code, and the stored hash of each.

use crate::digest::sha256;
use crate::factors::push::text::{is_mac, mac};
use ::entity::ids::EnrollmentId;

/// Symbols of the activation code, 50 bits in all.
pub const ACTIVATION_CODE_SYMBOLS: usize = 10;
/// Digits of the confirmation code.
pub const CONFIRMATION_DIGITS: usize = 6;

/// Builds the link of the QR code. The secret is in the fragment, so that no request line or log contains it. The path of
/// the workspace's issuer follows, which is empty at the root.
pub fn link(authenticator_url: &str, enrollment: EnrollmentId, secret: &str, base: &str) -> String {
    format!("{authenticator_url}enroll#1.{enrollment}.{secret}{base}")
}

/// Formats the activation code for display: `XXXXX-XXXXX`.
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(ACTIVATION_CODE_SYMBOLS / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// Normalizes a typed activation code (Crockford's base32): ignores case, dashes and spaces, reads O as 0, I
/// and L as 1. `None` when the result is no code.
pub fn normalize_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .take(ACTIVATION_CODE_SYMBOLS + 1)
        .map(|character| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            upper => upper,
        })
        .collect();
    let is_symbol = |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && byte != b'U');
    (code.len() == ACTIVATION_CODE_SYMBOLS && code.bytes().all(is_symbol)).then_some(code)
}

/// Hashes the link's secret for storage; 256 bits need no key.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    sha256(secret.as_bytes())
}

/// Hashes the activation code for storage and lookup; its 50 bits need a key.
pub fn code_hash(key: &[u8], code: &str) -> Vec<u8> {
    mac(key, &["activation-code", code])
}

/// Hashes the confirmation code for storage, bound to its enrollment.
pub fn confirmation_hash(key: &[u8], enrollment: EnrollmentId, code: &str) -> Vec<u8> {
    mac(key, &["confirmation-code", &enrollment.to_string(), code])
}

/// Tells in constant time whether `typed` is the confirmation code; spaces are ignored.
pub fn is_confirmed(key: &[u8], enrollment: EnrollmentId, typed: &str, stored: &[u8]) -> bool {
    let code: String = typed.chars().filter(|character| *character != ' ').take(16).collect();
    is_mac(key, &["confirmation-code", &enrollment.to_string(), &code], stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> EnrollmentId {
        "enr_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    #[test]
    fn the_link_carries_id_and_secret_in_its_fragment() {
        assert_eq!(
            link("https://idp.example/authenticator/", id(), "s3cret", ""),
            "https://idp.example/authenticator/enroll#1.enr_AAAAAAAAAAAAAAAAAAAAAQ.s3cret"
        );
        assert_eq!(
            link("https://idp.example/authenticator/", id(), "s3cret", "/w/acme"),
            "https://idp.example/authenticator/enroll#1.enr_AAAAAAAAAAAAAAAAAAAAAQ.s3cret/w/acme"
        );
    }

    #[test]
    fn a_typed_code_is_normalized() {
        assert_eq!(shown_code("ABCDE01234"), "ABCDE-01234");
        for typed in ["ABCDE-01234", "abcde o l 234", "AbCdE-oI234", "  ABCDE01234  "] {
            assert_eq!(normalize_code(typed).as_deref(), Some("ABCDE01234"), "{typed}");
        }
        for wrong in ["", "ABCDE-0123", "ABCDE-012345", "ABCDU-01234", "ABCDE–01234", "ABCDÉ01234"] {
            assert_eq!(normalize_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_confirmation_code_confirms_its_own_enrollment_only() {
        let stored = confirmation_hash(b"key", id(), "123456");
        assert!(is_confirmed(b"key", id(), "123 456", &stored));
        assert!(!is_confirmed(b"key", id(), "123457", &stored));
        let other = "enr_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap();
        assert!(!is_confirmed(b"key", other, "123456", &stored));
    }
}
