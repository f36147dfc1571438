//! How someone proves who they are: one folder for each factor, the same files in each.
//!
//! Never stores and never asks the time: a record and an attempt go in, a candidate proof comes out.
//! Spec: NIST SP 800-63B-4, RFC 6238, RFC 8176, WebAuthn Level 3.
//! Called by: `journey`, `storage` and the faces.

pub mod attempts;
pub mod password;
pub mod proof;
pub mod push;
pub mod totp;

pub use proof::{Candidate, Class, KeyProtection, Proof, Receipt, class};
