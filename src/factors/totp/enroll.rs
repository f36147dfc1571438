//! TOTP enrollment: the seed, and the `otpauth:` URI that carries it in a QR code.

use super::{CODE_DIGITS, PERIOD_SECONDS};
use crate::entropy::Entropy;
use totp_rs::Secret;
use zeroize::Zeroizing;

/// Generates a seed of 160 bits (RFC 4226 §4 R6).
pub fn generate_seed(entropy: &dyn Entropy) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(entropy.bytes::<20>().to_vec())
}

/// Encodes the seed for manual entry: base32 without padding.
pub fn secret_base32(seed: &[u8]) -> String {
    Secret::from(seed.to_vec()).to_base32()
}

/// Builds the `otpauth:` URI of a seed. A colon separates issuer and account, so a colon in a name becomes a
/// space.
pub fn otpauth_uri(issuer: &str, account: &str, seed: &[u8]) -> String {
    let (issuer, account) = (escape(issuer), escape(account));
    let secret = secret_base32(seed);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={CODE_DIGITS}&period={PERIOD_SECONDS}"
    )
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3): some apps do not read `+` as a space.
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
    fn a_totp_library_reads_the_same_names_and_seed_from_the_uri() {
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
    fn a_colon_in_a_name_does_not_split_the_label() {
        let read = Totp::from_url(otpauth_uri("Ex: ample", "a:lice", &[7; 20])).unwrap();
        assert_eq!((read.issuer(), read.account_name()), (Some("Ex  ample"), "a lice"));
    }
}
