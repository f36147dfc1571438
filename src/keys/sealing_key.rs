//! The installation's secret and the keys derived from it.

use super::error::SealingKeyError;
use super::hkdf::derive;
use super::mac_key::MacKey;
use super::sealer::Sealer;
use crate::entropy::Entropy;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::path::Path;
use zeroize::Zeroizing;

/// The single secret of an installation; every internal key is derived from it.
///
/// Each use has a key of its own, derived by HKDF with the name of the use.
#[derive(Debug)]
pub struct SealingKey {
    rows: Sealer,
    requests: Sealer,
    code_pepper: MacKey,
    device_nonces: MacKey,
    csrf: MacKey,
    fingerprint: String,
}

impl SealingKey {
    /// Derives the keys from the 32 bytes of the secret.
    pub fn from_bytes(secret: &[u8; 32]) -> Self {
        let named = |name: &str| {
            Zeroizing::new(derive::<32>(b"countersign sealing key, version 1", secret, &[name.as_bytes()]))
        };
        let fingerprint = *named("fingerprint");
        Self {
            rows: Sealer::new(&named("rows")),
            requests: Sealer::new(&named("requests")),
            code_pepper: MacKey::new(&named("codes")),
            device_nonces: MacKey::new(&named("device nonces")),
            csrf: MacKey::new(&named("csrf")),
            fingerprint: URL_SAFE_NO_PAD.encode(fingerprint).chars().take(22).collect(),
        }
    }

    /// Creates a new key that lives as long as the process, for demos and tests.
    pub fn ephemeral(entropy: &dyn Entropy) -> Self {
        Self::from_bytes(&Zeroizing::new(entropy.bytes::<32>()))
    }

    /// Reads 43 characters of base64url or 64 of hexadecimal, ignoring surrounding white space.
    pub fn from_text(text: &str) -> Result<Self, SealingKeyError> {
        let text = text.trim();
        let malformed = || SealingKeyError::Malformed(text.chars().count());
        let bytes = match text.len() {
            64 => from_hexadecimal(text),
            _ => URL_SAFE_NO_PAD.decode(text).ok(),
        };
        let bytes = Zeroizing::new(bytes.ok_or_else(malformed)?);
        let secret: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        Ok(Self::from_bytes(secret))
    }

    /// Reads a file that only its owner may read; a missing file is created with mode 0600.
    pub fn from_file(path: &Path, entropy: &dyn Entropy) -> Result<Self, SealingKeyError> {
        Self::from_text(&super::key_file::read_or_create(path, &entropy.secret())?)
    }

    /// Reads a file that only its owner may read and that must exist.
    pub fn from_existing_file(path: &Path) -> Result<Self, SealingKeyError> {
        Self::from_text(&super::key_file::read(path)?)
    }

    /// Returns the sealer of stored values: private keys, seeds, addresses.
    pub fn rows(&self) -> &Sealer {
        &self.rows
    }

    /// Returns the sealer of values that travel through a browser before a row exists.
    pub fn requests(&self) -> &Sealer {
        &self.requests
    }

    /// Returns the key that hashes codes and numbers, which are too short for a plain hash.
    pub fn code_pepper(&self) -> &MacKey {
        &self.code_pepper
    }

    /// Returns the key that authenticates the nonces that devices sign.
    pub fn device_nonces(&self) -> &MacKey {
        &self.device_nonces
    }

    /// Returns the key that binds a form to the browser that received it.
    pub fn csrf(&self) -> &MacKey {
        &self.csrf
    }

    /// Returns 22 characters that identify the key without revealing it; stored beside the data, they expose
    /// a wrong key at start-up.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    Some(digits?.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_give_the_same_key() {
        let secret: [u8; 32] = std::array::from_fn(|index| index as u8 * 7);
        let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let base64url = format!(" {}\n", URL_SAFE_NO_PAD.encode(secret));
        let expected = SealingKey::from_bytes(&secret);
        for text in [hexadecimal.as_str(), &hexadecimal.to_uppercase(), &base64url] {
            assert_eq!(SealingKey::from_text(text).unwrap().fingerprint(), expected.fingerprint());
        }
    }

    #[test]
    fn other_text_is_refused_without_repeating_it() {
        for text in ["", "secret", &"zz".repeat(32), &"a".repeat(42), &"ab".repeat(31), &"é".repeat(32)] {
            let sentence = SealingKey::from_text(text).unwrap_err().to_string();
            assert!(sentence.contains("expected a sealing key of 32 bytes"), "{sentence}");
            assert!(text.is_empty() || !sentence.contains(text), "{sentence}");
        }
    }

    #[test]
    fn no_two_uses_share_a_key() {
        let key = SealingKey::from_bytes(&[9; 32]);
        let sealed = key.rows().seal("purpose", b"value");
        assert!(key.rows().open("purpose", &sealed).is_some());
        assert!(key.requests().open("purpose", &sealed).is_none());
        let tag = key.code_pepper().tag(&[b"1"]);
        assert!(key.code_pepper().verify(&[b"1"], &tag));
        assert!(!key.csrf().verify(&[b"1"], &tag) && !key.device_nonces().verify(&[b"1"], &tag));
    }

    #[test]
    fn the_fingerprint_distinguishes_keys() {
        let one = SealingKey::from_bytes(&[1; 32]);
        assert_eq!(one.fingerprint().len(), 22);
        assert_eq!(one.fingerprint(), SealingKey::from_bytes(&[1; 32]).fingerprint());
        assert_ne!(one.fingerprint(), SealingKey::from_bytes(&[2; 32]).fingerprint());
    }
}
