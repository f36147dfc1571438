//! Signing keys and sealing keys: created, published, rotated, retired. Never knows the meaning of the data.
//! Spec: RFC 7515, 7517, 7518, 7638, 8037; AES-256-GCM (NIST SP 800-38D).
//! Called by: `outbox` and the interfaces.

mod error;
mod hkdf;
mod jws;
mod key_file;
mod key_ring;
mod mac_key;
mod sealer;
mod sealing_key;
mod signing_key;
/// Encryption with a key derived from a token, which only the holder of the token can reverse.
pub mod token_bound;
mod vapid;

pub use error::{KeyError, SealingKeyError};
pub use hkdf::derive;
pub use jws::verify_jws;
pub use key_ring::KeyRing;
pub use mac_key::MacKey;
pub use sealer::Sealer;
pub use sealing_key::SealingKey;
pub use signing_key::SigningKey;
pub use vapid::{VapidKey, VapidKeys};
