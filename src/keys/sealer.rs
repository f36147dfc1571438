//! Authenticated encryption of stored and transported values (AES-256-GCM, NIST SP 800-38D).

use super::hkdf::derive;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The format version. A sealed value is this byte, the key's id, the nonce, and the ciphertext with its tag.
const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEADER_LEN: usize = 1 + KEY_ID_LEN;

/// Seals and opens values with AES-256-GCM and random nonces (NIST SP 800-38D §8.2.2).
///
/// A value is sealed for a purpose, which must be given again to open it, so that a row's value cannot be
/// moved to another row. One key is safe for 2³² messages.
pub struct Sealer {
    key: RandomizedNonceKey,
    key_id: [u8; KEY_ID_LEN],
}

impl Sealer {
    #[expect(clippy::expect_used, reason = "only a wrong length can fail, and the type fixes it")]
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM, secret).expect("AES-256 takes 32 bytes");
        Self { key, key_id: derive(b"", secret, &[b"countersign key id"]) }
    }

    /// Seals `plaintext` for `purpose`.
    #[expect(clippy::expect_used, reason = "only more than 64 GiB can fail, or no randomness at all")]
    pub fn seal(&self, purpose: &str, plaintext: &[u8]) -> Vec<u8> {
        let header = self.header();
        let mut ciphertext = plaintext.to_vec();
        let aad = Aad::from([&header, purpose.as_bytes()].concat());
        let nonce = self.key.seal_in_place_append_tag(aad, &mut ciphertext).expect("sealing failed");
        [&header, nonce.as_ref().as_slice(), &ciphertext].concat()
    }

    /// Opens a value sealed for `purpose` with this key; `None` for another purpose or key, or changed bytes.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let header = self.header();
        let (nonce, ciphertext) = sealed.strip_prefix(&header)?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let aad = Aad::from([&header, purpose.as_bytes()].concat());
        let mut bytes = ciphertext.to_vec();
        let length = self.key.open_in_place(nonce, aad, &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    /// Like [`seal`](Self::seal), encoded as base64url for URLs and form fields.
    pub fn seal_text(&self, purpose: &str, plaintext: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(purpose, plaintext))
    }

    /// Like [`open`](Self::open), from base64url.
    pub fn open_text(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        self.open(purpose, &URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }

    fn header(&self) -> [u8; HEADER_LEN] {
        let [a, b, c, d] = self.key_id;
        [VERSION, a, b, c, d]
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({:?})", self.key_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sealed_value_opens_to_the_original(purpose in ".{0,40}", plaintext in any::<Vec<u8>>()) {
            let sealer = Sealer::new(&[1; 32]);
            let sealed = sealer.seal(&purpose, &plaintext);
            prop_assert_eq!(sealer.open(&purpose, &sealed), Some(plaintext.clone()));
            let text = sealer.seal_text(&purpose, &plaintext);
            prop_assert_eq!(sealer.open_text(&purpose, &text), Some(plaintext));
        }

        #[test]
        fn a_value_with_one_changed_bit_does_not_open(plaintext in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), bit in 0..8_u32) {
            let sealer = Sealer::new(&[1; 32]);
            let mut sealed = sealer.seal("row", &plaintext);
            let at = at.index(sealed.len());
            sealed[at] ^= 1_u8 << bit;
            prop_assert_eq!(sealer.open("row", &sealed), None);
        }

        #[test]
        fn random_bytes_never_open(noise in any::<Vec<u8>>(), text in ".{0,60}") {
            let sealer = Sealer::new(&[1; 32]);
            prop_assert_eq!(sealer.open("row", &noise), None);
            prop_assert_eq!(sealer.open_text("row", &text), None);
        }
    }

    #[test]
    fn a_value_opens_only_with_its_own_purpose_and_key() {
        let sealer = Sealer::new(&[1; 32]);
        let sealed = sealer.seal("transport dev_1", b"secret");
        assert_eq!(sealer.open("transport dev_1", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealer.open("transport dev_2", &sealed), None);
        assert_eq!(Sealer::new(&[2; 32]).open("transport dev_1", &sealed), None);
        assert_eq!(sealer.open("transport dev_1", &sealed[..sealed.len() - 1]), None);
    }

    #[test]
    fn the_same_value_sealed_twice_has_two_forms() {
        let sealer = Sealer::new(&[1; 32]);
        assert_ne!(sealer.seal("row", b"secret"), sealer.seal("row", b"secret"));
    }
}
