//! Message authentication codes (HMAC-SHA-256, RFC 2104).

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key};

/// A key for message authentication codes: without it a tag can be neither created nor verified.
///
/// Short secrets (codes, numbers) are stored as such a tag, so that a stolen table does not reveal them.
pub struct MacKey(Key);

impl MacKey {
    pub(super) fn new(secret: &[u8; 32]) -> Self {
        Self(Key::new(HMAC_SHA256, secret))
    }

    /// Computes the 32-byte tag of `parts`. Each part is prefixed by its length: `["ab", "c"]` and `["a",
    /// "bc"]` differ.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Whether `tag` is the tag of `parts`, compared in constant time.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.tag(parts), tag).is_ok()
    }
}

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_verifies_only_for_its_own_parts_and_key() {
        let key = MacKey::new(&[7; 32]);
        let tag = key.tag(&[b"ch_1", b"42"]);
        assert!(key.verify(&[b"ch_1", b"42"], &tag));
        let others: [&[&[u8]]; 4] = [&[b"ch_1", b"43"], &[b"ch_14", b"2"], &[b"ch_142"], &[]];
        for parts in others {
            assert!(!key.verify(parts, &tag), "{parts:?}");
        }
        assert!(!MacKey::new(&[8; 32]).verify(&[b"ch_1", b"42"], &tag));
        assert!(!key.verify(&[b"ch_1", b"42"], &tag[..31]));
    }
}
