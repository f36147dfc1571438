//! The errors of signing keys and of the sealing key.

use crate::{config::redacted, directory::SigningAlgorithm, fault::Cause};
use std::path::PathBuf;

/// Why a signing key could not be created, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library generated no key.
    #[error("no {} key could be generated", .0.as_str())]
    NotGenerated(SigningAlgorithm),
    /// The stored bytes are not a key of the expected algorithm.
    #[error("expected a PKCS#8 document with a key for {}, got {reason}", .algorithm.as_str())]
    Malformed {
        /// The algorithm that the key is stored for.
        algorithm: SigningAlgorithm,
        /// The reason that the cryptographic library gives.
        reason: String,
    },
    /// The private key could not be serialized.
    #[error("the key could not be written as PKCS#8")]
    NotWritten,
    /// The claims cannot be serialized as JSON.
    #[error("the claims could not be written as JSON")]
    Claims(#[from] serde_json::Error),
    /// The cryptographic library returned no signature.
    #[error("signing failed")]
    NotSigned,
    /// Push messages are signed with ES256 keys only (RFC 8292 §2).
    #[error("expected an ES256 key for push messages (RFC 8292), got one for {}", .0.as_str())]
    NotForPush(SigningAlgorithm),
    /// Push services require a contact address (RFC 8292 §2.1).
    #[error("expected a contact that begins with mailto: or https:, got `{}`; push services refuse others", redacted(.0))]
    Contact(String),
}

/// Why there is no sealing key; the sentences address the operator who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum SealingKeyError {
    /// Not 32 bytes of base64url or hexadecimal.
    #[error(
        "expected a sealing key of 32 bytes, as 43 characters of base64url or 64 of hexadecimal, \
         got {0} characters that are neither; `openssl rand -hex 32` makes one"
    )]
    Malformed(usize),
    /// Other users of the machine can read the file.
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
    /// The file cannot be read or created.
    #[error("the sealing key {path} could not be read or created: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
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
