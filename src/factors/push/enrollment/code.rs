//! The link, the activation code and the confirmation code, and what is stored of each.

use crate::factors::push::text::{is_mac, mac, sha256};
use ::entity::ids::EnrollmentId;

/// Seconds that link and code live.
pub const ENROLLMENT_LIFETIME_SECONDS: i64 = 600;
/// Seconds to type the confirmation code back.
pub const CONFIRM_WITHIN_SECONDS: i64 = 300;
/// Wrong confirmation codes that end an enrollment.
pub const MAX_CONFIRM_ATTEMPTS: i32 = 3;
/// Wrong claims that end an enrollment.
pub const MAX_CLAIM_FAILURES: i32 = 10;
/// Symbols of the activation code: 50 bits.
pub const ACTIVATION_CODE_SYMBOLS: usize = 10;
/// Digits of the confirmation code.
pub const CONFIRMATION_DIGITS: usize = 6;

/// What the QR code holds. The secret stands in the fragment: it is never sent in a request line.
pub fn link(authenticator_url: &str, enrollment: EnrollmentId, secret: &str) -> String {
    format!("{authenticator_url}enroll#1.{enrollment}.{secret}")
}

/// The activation code as it is shown: `XXXXX-XXXXX`.
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(ACTIVATION_CODE_SYMBOLS / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// The activation code as it was meant: Crockford's base32 forgives case, dashes, spaces, and O for 0, I and L for 1.
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

/// What is stored of the link's secret; its 256 bits need no key.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    sha256(secret.as_bytes())
}

/// What is stored of the activation code, by which the enrollment is found; its 50 bits need the key.
pub fn code_hash(key: &[u8], code: &str) -> Vec<u8> {
    mac(key, &["activation-code", code])
}

/// What is stored of the confirmation code.
pub fn confirmation_hash(key: &[u8], enrollment: EnrollmentId, code: &str) -> Vec<u8> {
    mac(key, &["confirmation-code", &enrollment.to_string(), code])
}

/// Whether `typed` is the confirmation code, spaces apart, in constant time.
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
    fn the_link_holds_all_in_its_fragment() {
        assert_eq!(
            link("https://idp.example/authenticator/", id(), "s3cret"),
            "https://idp.example/authenticator/enroll#1.enr_AAAAAAAAAAAAAAAAAAAAAQ.s3cret"
        );
    }

    #[test]
    fn a_code_is_read_as_it_was_meant() {
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
