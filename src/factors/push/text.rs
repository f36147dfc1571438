//! Encodings, authentication codes, and cleaning of text for display.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Encodes as unpadded base64url (RFC 4648 §5).
pub(super) fn b64u(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes unpadded base64url; `None` for other alphabets, padding and non-zero trailing bits.
pub(super) fn from_b64u(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Computes HMAC-SHA-256 over `parts`, each prefixed with its length, so that different lists give different
/// input.
pub(super) fn mac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &framed(parts)).as_ref().to_vec()
}

/// Tells in constant time whether `tag` is the HMAC of `parts`.
pub(super) fn is_mac(key: &[u8], parts: &[&str], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), &framed(parts), tag).is_ok()
}

fn framed(parts: &[&str]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.len().to_be_bytes().into_iter().chain(part.bytes())).collect()
}

/// Removes invisible characters, trims, and cuts to `most` characters.
pub(super) fn clean(text: &str, most: usize) -> String {
    let shown: String = text.chars().filter(|character| !is_hidden(*character)).collect();
    shown.trim().chars().take(most).collect::<String>().trim_end().to_owned()
}

/// Invisible characters that change how text looks: controls, direction marks, zero widths, separators, tags.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}'
                | '\u{061C}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}'
                | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_removed_and_visible_ones_stay() {
        assert_eq!(clean("  Ex\u{202E}am\u{0007}ple\n \u{200B}Söhne 😀 ", 64), "Example Söhne 😀");
        assert_eq!(clean("abcdef", 3), "abc");
    }

    #[test]
    fn parts_with_different_boundaries_have_different_tags() {
        assert!(is_mac(b"k", &["ab", "c"], &mac(b"k", &["ab", "c"])));
        assert!(!is_mac(b"k", &["a", "bc"], &mac(b"k", &["ab", "c"])));
        assert!(!is_mac(b"l", &["ab", "c"], &mac(b"k", &["ab", "c"])));
    }

    #[test]
    fn only_unpadded_base64url_is_decoded() {
        assert_eq!(from_b64u("-_8"), Some(vec![0xFB, 0xFF]));
        for wrong in ["-_8=", "+/8", "-_9", "-_ 8"] {
            assert_eq!(from_b64u(wrong), None, "{wrong}");
        }
    }
}
