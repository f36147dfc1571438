//! Authentication factors: password, TOTP and push. A record and an attempt go in, a candidate proof comes out.
//! Never reads storage or the clock.
//! Spec: NIST SP 800-63B-4, RFC 6238, RFC 8176, WebAuthn Level 3.
//! Called by: `journey`, `storage` and the interfaces.

pub mod attempts;
pub mod password;
pub mod proof;
pub mod push;
pub mod totp;

pub use proof::{Candidate, Class, KeyProtection, Proof, Receipt, class};
