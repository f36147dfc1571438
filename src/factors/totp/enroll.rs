//! What a generator is given: the seed, and the address that carries it in a QR code.

use super::{CODE_DIGITS, PERIOD_SECONDS};
use crate::entropy::Entropy;
use totp_rs::Secret;
use zeroize::Zeroizing;

/// A new seed of 160 bits (RFC 4226 §4 R6).
pub fn generate_seed(entropy: &dyn Entropy) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(entropy.bytes::<20>().to_vec())
}

/// The seed as generators show it: base32 without padding.
pub fn secret_base32(seed: &[u8]) -> String {
    Secret::from(seed.to_vec()).to_base32()
}

/// The `otpauth:` address of a seed. A colon would part the label in the wrong place, so names lose theirs.
pub fn otpauth_uri(issuer: &str, account: &str, seed: &[u8]) -> String {
    let (issuer, account) = (escape(issuer), escape(account));
    let secret = secret_base32(seed);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={CODE_DIGITS}&period={PERIOD_SECONDS}"
    )
}

/// Percent-encodes all but RFC 3986's unreserved characters: a `+` for a space is read as a plus by some generators.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.replace(':', " ").trim().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use totp_rs::Totp;

    #[test]
    fn another_program_reads_the_same_names_and_seed_from_the_address() {
        let seed = generate_seed(&SystemEntropy);
        assert_eq!(seed.len(), 20);
        for (issuer, account) in
            [("Example", "alice@example.com"), ("Ex & Söhne?", "a b+c/d%"), ("Ex", "😀#1")]
        {
            let read = Totp::from_url(otpauth_uri(issuer, account, &seed)).unwrap();
            assert_eq!(
                (read.issuer(), read.account_name(), read.secret().as_ref()),
                (Some(issuer), account, seed.as_slice())
            );
        }
    }

    #[test]
    fn a_colon_in_a_name_does_not_part_the_label() {
        let read = Totp::from_url(otpauth_uri("Ex: ample", "a:lice", &[7; 20])).unwrap();
        assert_eq!((read.issuer(), read.account_name()), (Some("Ex  ample"), "a lice"));
    }
}
