//! Signing keys and sealing keys: made, published, rotated, retired.
//!
//! Never knows what is signed or sealed, nor for whom.
//! Spec: RFC 7515, 7517, 7518, 7638, 8037; AES-256-GCM (NIST SP 800-38D).
//! Called by: the outbox and the faces.

mod error;
mod hkdf;
mod jws;
mod key_file;
mod key_ring;
mod mac_key;
mod sealer;
mod sealing_key;
mod signing_key;
/// Sealed so that only the holder of a token can have it opened.
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
