//! Authentication factors: each verifies an attempt against a record and returns a candidate proof.
//! Never reads storage or the clock.
//! Spec: NIST SP 800-63B-4, RFC 6238, RFC 8176, WebAuthn Level 3.
//! Called by: `journey`, `storage` and the interfaces.

pub mod password;
pub mod proof;
pub mod push;
pub mod totp;

pub use proof::{Candidate, Class, KeyProtection, Proof, Receipt, class};
