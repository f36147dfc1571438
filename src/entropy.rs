//! Chance, given to every room and taken by none.
//!
//! Never keeps what it made. Signing keys are made by the cryptographic library, which draws its own.
//! Spec: NIST SP 800-63B-4 §3.1.3 (codes are uniformly random), RFC 4648 §5 (base64url), Crockford base32.
//! Called by: the faces, which make ids and secrets before they open a transaction.

use crate::clock::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::prelude::Uuid;

/// Where random bytes come from.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `bytes` with uniformly random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the one source; without it nothing may go on"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the operating system's random generator failed");
    }
}

impl dyn Entropy {
    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// 256 random bits as 43 characters of base64url.
    pub fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// 128 random bits as 22 characters of base64url.
    pub fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<16>())
    }

    /// A new row id: 48 bits of `now` in milliseconds, so that rows lie in order, then 80 random bits.
    pub fn id(&self, now: Timestamp) -> Uuid {
        let random = u128::from_be_bytes(self.bytes::<16>()) & ((1 << 80) - 1);
        Uuid::from_u128((u128::from(now.0.unsigned_abs()) << 80) | random)
    }

    /// `digits` uniformly random decimal digits, leading zeros kept.
    pub fn decimal(&self, digits: usize) -> String {
        self.symbols(b"0123456789", digits)
    }

    /// `length` uniformly random symbols of Crockford's base32: 5 bits each, none of them mistaken for another.
    pub fn crockford(&self, length: usize) -> String {
        self.symbols(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", length)
    }

    /// `length` symbols, each equally likely: bytes beyond the last whole multiple of the alphabet are drawn again.
    fn symbols(&self, alphabet: &[u8], length: usize) -> String {
        let bound = 256 - 256 % alphabet.len();
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let [byte] = self.bytes::<1>();
            let byte = usize::from(byte);
            if byte < bound
                && let Some(symbol) = alphabet.get(byte % alphabet.len())
            {
                text.push(char::from(*symbol));
            }
        }
        text
    }
}
