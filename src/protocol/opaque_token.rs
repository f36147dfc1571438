//! Issued secrets of 256 random bits: the secret cannot be stored, its hash cannot be displayed.

/// Declares a token and its hash.
macro_rules! opaque_token {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $(#[$hash_doc:meta])* $hash:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(zeroize::Zeroizing<String>);

        impl $name {
            /// The prefix of every token of this type, which lets secret scanners find leaked ones.
            pub const PREFIX: &'static str = $prefix;

            /// Creates a new token.
            pub fn random(entropy: &dyn crate::entropy::Entropy) -> Self {
                let secret = zeroize::Zeroizing::new(entropy.secret());
                let mut text = String::with_capacity(Self::PREFIX.len() + secret.len());
                text.push_str(Self::PREFIX);
                text.push_str(&secret);
                Self(zeroize::Zeroizing::new(text))
            }

            /// Reads a token; `None` unless it is the prefix followed by 43 characters of base64url.
            pub fn parse(text: &str) -> Option<Self> {
                let secret = text.strip_prefix(Self::PREFIX)?;
                crate::protocol::opaque_token::is_secret(secret)
                    .then(|| Self(zeroize::Zeroizing::new(text.to_owned())))
            }

            /// Returns the hash that is stored in place of the token.
            pub fn hash(&self) -> $hash {
                $hash(crate::digest::sha256(self.0.as_bytes()))
            }

            /// Returns the token itself, for its recipient.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        $(#[$hash_doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $hash([u8; 32]);

        impl $hash {
            /// Returns the 32 bytes to store and to look up by.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl From<[u8; 32]> for $hash {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl std::fmt::Debug for $hash {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($hash))
            }
        }
    };
}
pub(super) use opaque_token;

/// Whether `text` has 43 characters of base64url, the length of 256 bits.
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use crate::digest::sha256;
    use crate::entropy::SystemEntropy;
    use crate::protocol::{AccessToken, AuthorizationCode, RefreshToken};

    #[test]
    fn a_token_read_back_has_the_same_hash() {
        let token = AccessToken::random(&SystemEntropy);
        assert_eq!(token.reveal().len(), "cs_at_".len() + 43);
        let read = AccessToken::parse(token.reveal()).unwrap();
        assert_eq!(read.hash(), token.hash());
        assert_eq!(read.hash().as_bytes(), &sha256(token.reveal().as_bytes()));
        assert_ne!(AccessToken::random(&SystemEntropy).hash(), token.hash());
    }

    #[test]
    fn only_the_exact_form_is_read() {
        let token = AccessToken::random(&SystemEntropy);
        let text = token.reveal();
        assert!(AuthorizationCode::parse(text).is_none());
        assert!(RefreshToken::parse(text).is_none());
        for cut in 0..text.len() {
            assert!(AccessToken::parse(&text[..cut]).is_none());
        }
        for wrong in [format!("{text}A"), format!(" {text}"), format!("{text}\n"), text.to_uppercase()] {
            assert!(AccessToken::parse(&wrong).is_none(), "{wrong:?}");
        }
        for byte in ["=", "+", "/", "\0", "."] {
            assert!(AccessToken::parse(&format!("{}{byte}", &text[..text.len() - 1])).is_none());
        }
    }

    #[test]
    fn debug_output_shows_only_the_type() {
        let token = RefreshToken::random(&SystemEntropy);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "RefreshToken RefreshTokenHash");
    }
}
