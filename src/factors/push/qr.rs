//! The QR code that the browser shows as an alternative to the number: a nonce of 128 bits that the phone
//! scans.

use super::text::{from_b64u, is_mac, mac};
use crate::entropy::Entropy;
use ::entity::ids::ChallengeId;

/// Bytes of the nonce.
const QR_NONCE_BYTES: usize = 16;

/// Draws a nonce in base64url.
pub fn draw(entropy: &dyn Entropy) -> String {
    entropy.nonce()
}

/// Builds the link of the QR code. The nonce is in the fragment, so that no request line or log contains it.
pub fn link(authenticator_url: &str, challenge: ChallengeId, nonce: &str) -> String {
    format!("{authenticator_url}#c={challenge}.{nonce}")
}

/// Computes the stored HMAC of a nonce, bound to its challenge.
pub fn hash(key: &[u8], challenge: ChallengeId, nonce: &str) -> Vec<u8> {
    mac(key, &["qr", &challenge.to_string(), nonce])
}

/// Tells in constant time whether `scanned` is the nonce behind `stored`.
pub fn is_right(key: &[u8], challenge: ChallengeId, scanned: &str, stored: &[u8]) -> bool {
    is_mac(key, &["qr", &challenge.to_string(), scanned], stored)
}

/// Tells whether `scanned` has the form of a nonce; anything else does not count as an attempt.
pub fn has_form(scanned: &str) -> bool {
    from_b64u(scanned).is_some_and(|bytes| bytes.len() == QR_NONCE_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entropy::SystemEntropy, factors::push::number};

    fn challenge(last: &str) -> ChallengeId {
        format!("ch_AAAAAAAAAAAAAAAAAAAAA{last}").parse().unwrap()
    }

    #[test]
    fn only_the_nonce_of_this_challenge_is_right() {
        let nonce = draw(&SystemEntropy);
        let stored = hash(b"key", challenge("A"), &nonce);
        assert!(is_right(b"key", challenge("A"), &nonce, &stored));
        assert!(!is_right(b"key", challenge("A"), &draw(&SystemEntropy), &stored));
        assert!(!is_right(b"key", challenge("Q"), &nonce, &stored));
        assert!(!is_right(b"other key", challenge("A"), &nonce, &stored));
        assert!(!number::is_right(b"key", challenge("A"), &nonce, &stored), "a nonce is not a number");
    }

    #[test]
    fn a_nonce_has_sixteen_bytes() {
        assert!(has_form(&draw(&SystemEntropy)));
        for wrong in ["", "07", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA="]
        {
            assert!(!has_form(wrong), "{wrong}");
        }
    }
}
