//! Number matching: the browser shows a number, the person types it into the phone. One attempt; the server
//! never sends the number to the device.

use super::text::{is_mac, mac};
use crate::entropy::Entropy;
use ::entity::ids::ChallengeId;

/// Draws a number of `digits` decimal digits, leading zeros kept.
pub fn draw(entropy: &dyn Entropy, digits: u8) -> String {
    entropy.decimal(usize::from(digits))
}

/// Computes the stored HMAC of a number, bound to its challenge.
pub fn hash(key: &[u8], challenge: ChallengeId, number: &str) -> Vec<u8> {
    mac(key, &["number", &challenge.to_string(), number])
}

/// Tells in constant time whether `typed` is the number behind `stored`.
pub fn is_right(key: &[u8], challenge: ChallengeId, typed: &str, stored: &[u8]) -> bool {
    is_mac(key, &["number", &challenge.to_string(), typed], stored)
}

/// Tells whether `typed` has exactly `digits` decimal digits; anything else does not count as an attempt.
pub fn has_form(typed: &str, digits: u8) -> bool {
    typed.len() == usize::from(digits) && typed.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    fn challenge(last: &str) -> ChallengeId {
        format!("ch_AAAAAAAAAAAAAAAAAAAAA{last}").parse().unwrap()
    }

    #[test]
    fn only_the_number_of_this_challenge_is_right() {
        let stored = hash(b"key", challenge("A"), "07");
        assert!(is_right(b"key", challenge("A"), "07", &stored));
        assert!(!is_right(b"key", challenge("A"), "70", &stored));
        assert!(!is_right(b"key", challenge("Q"), "07", &stored));
        assert!(!is_right(b"other key", challenge("A"), "07", &stored));
        assert!(!is_right(b"key", challenge("A"), "07", b""));
    }

    #[test]
    fn a_number_has_exactly_its_digits() {
        for digits in [2, 3, 6] {
            let number = draw(&SystemEntropy, digits);
            assert!(has_form(&number, digits));
        }
        for wrong in ["7", "007", "", "0a", "０７", "+7", " 7"] {
            assert!(!has_form(wrong, 2), "{wrong}");
        }
    }
}
