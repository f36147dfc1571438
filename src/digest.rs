//! The hash function of this server: SHA-256 (FIPS 180-4).
//! Never used for passwords: `factors::password` hashes those.
//! Spec: FIPS 180-4.
//! Called by: every module that stores or compares a hash.

use aws_lc_rs::digest;

/// Computes SHA-256.
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes.as_ref()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_abc_is_that_of_the_standard() {
        let hash: String = sha256("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
