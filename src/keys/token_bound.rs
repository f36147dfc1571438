//! Encryption with a key derived from a token: only the holder of the token can have the value opened.

use super::hkdf::derive;
use super::sealer::Sealer;
use zeroize::Zeroizing;

const PURPOSE: &str = "for the holder of the token";

/// Seals `plaintext` with a key derived from `token`. A table with the hash of the token and the sealed value
/// does not allow reading the value.
pub fn seal(token: &str, plaintext: &[u8]) -> Vec<u8> {
    sealer(token).seal(PURPOSE, plaintext)
}

/// Opens a value that was sealed with `token`; `None` for any other token.
pub fn open(token: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    sealer(token).open(PURPOSE, sealed)
}

fn sealer(token: &str) -> Sealer {
    let key =
        derive::<32>(b"countersign token-bound key, version 1", token.as_bytes(), &[PURPOSE.as_bytes()]);
    Sealer::new(&Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_token_opens_the_value() {
        let sealed = seal("cs_rt_one", b"the answer");
        assert_eq!(open("cs_rt_one", &sealed).as_deref(), Some(&b"the answer"[..]));
        assert_eq!(open("cs_rt_two", &sealed), None);
        assert_eq!(open("", &sealed), None);
    }
}
