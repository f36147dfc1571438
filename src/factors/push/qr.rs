//! The QR code that the browser shows instead of the number: 128 bits that the person's own camera carries to the phone.

use super::text::{from_b64u, is_mac, mac};
use crate::entropy::Entropy;
use ::entity::ids::ChallengeId;

/// Bytes of the nonce.
const QR_NONCE_BYTES: usize = 16;

/// A new nonce.
pub fn draw(entropy: &dyn Entropy) -> String {
    entropy.nonce()
}

/// What the QR code holds. The nonce stands in the fragment: it is never sent in a request line.
pub fn link(authenticator_url: &str, challenge: ChallengeId, nonce: &str) -> String {
    format!("{authenticator_url}#c={challenge}.{nonce}")
}

/// What is stored of it: useless for any other challenge.
pub fn hash(key: &[u8], challenge: ChallengeId, nonce: &str) -> Vec<u8> {
    mac(key, &["qr", &challenge.to_string(), nonce])
}

/// Whether `scanned` is the nonce that `stored` was made from, in constant time.
pub fn is_right(key: &[u8], challenge: ChallengeId, scanned: &str, stored: &[u8]) -> bool {
    is_mac(key, &["qr", &challenge.to_string(), scanned], stored)
}

/// Whether `scanned` could be a nonce; anything else is no attempt.
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
        assert!(!number::is_right(b"key", challenge("A"), &nonce, &stored), "it is no number");
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
