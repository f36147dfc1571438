use crate::{config::redacted, directory::SigningAlgorithm, storage::Cause};
use std::path::PathBuf;

/// Why a signing key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library made no key.
    #[error("no {} key could be generated", .0.as_str())]
    NotGenerated(SigningAlgorithm),
    /// The stored bytes are another thing.
    #[error("expected a PKCS#8 document with a key for {}, got {reason}", .algorithm.as_str())]
    Malformed {
        /// The algorithm that the key is stored for.
        algorithm: SigningAlgorithm,
        /// What the cryptographic library says of it.
        reason: String,
    },
    /// The private half could not be written.
    #[error("the key could not be written as PKCS#8")]
    NotWritten,
    /// The claims have no JSON form.
    #[error("the claims could not be written as JSON")]
    Claims(#[from] serde_json::Error),
    /// The signature failed.
    #[error("signing failed")]
    NotSigned,
    /// Push messages are signed by ES256 keys only (RFC 8292 §2).
    #[error("expected an ES256 key for push messages (RFC 8292), got one for {}", .0.as_str())]
    NotForPush(SigningAlgorithm),
    /// Push services want somebody to write to (RFC 8292 §2.1).
    #[error("expected a contact that begins with mailto: or https:, got `{}`; push services refuse others", redacted(.0))]
    Contact(String),
}

/// Why there is no sealing key; the sentences are for the operator who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeyError {
    /// Not 32 bytes of base64url or hexadecimal.
    #[error(
        "expected a sealing key of 32 bytes, as 43 characters of base64url or 64 of hexadecimal, \
         got {0} characters that are neither; `openssl rand -hex 32` makes one"
    )]
    Malformed(usize),
    /// Others on the machine can read it.
    #[error(
        "the sealing key {path} has mode {mode:04o}, so others on this machine can read it; \
         expected 0600: run `chmod 600 {path}`, and replace the key if anyone else had access"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It cannot be read or made.
    #[error("the sealing key {path} could not be read or created: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// Both name algorithms, paths and lengths, and never a key.
macro_rules! causes {
    ($($error:ty),+) => {$(
        impl From<$error> for Cause {
            fn from(error: $error) -> Self {
                Self::of(&error)
            }
        }
    )+};
}

causes!(KeyError, SealingKeyError);
