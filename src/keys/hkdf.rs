//! Key derivation by HKDF with SHA-256 (RFC 5869).

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// The requested length, in bytes.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Derives `N` bytes from `secret` by HKDF with SHA-256 (RFC 5869); `N` is at most 8160.
#[expect(clippy::expect_used, reason = "RFC 5869 §2.3: only more than 255 blocks can fail")]
pub fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> [u8; N] {
    const { assert!(N <= 255 * 32, "RFC 5869 §2.3") };
    let mut bytes = [0; N];
    let pseudorandom_key = Salt::new(HKDF_SHA256, salt).extract(secret);
    pseudorandom_key
        .expand(info, Length(N))
        .and_then(|material| material.fill(&mut bytes))
        .expect("HKDF gives up to 8160 bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::derive;

    /// RFC 5869 appendix A.1.
    #[test]
    fn hkdf_returns_the_bytes_of_the_published_vector() {
        let salt: Vec<u8> = (0x00..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let bytes: [u8; 42] = derive(&salt, &[0x0b; 22], &[&info]);
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            text,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }

    #[test]
    fn the_parts_of_the_info_are_joined() {
        let joined: [u8; 32] = derive(b"salt", b"secret", &[b"ab"]);
        let parts: [u8; 32] = derive(b"salt", b"secret", &[b"a", b"b"]);
        assert_eq!(joined, parts);
    }
}
