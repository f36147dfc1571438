//! Authentication factors: each verifies an attempt against a record and returns a candidate proof.
//! Never reads storage or the clock.
//! Spec: NIST SP 800-63B-4, RFC 6238, RFC 8176, WebAuthn Level 3.
//! Called by: `journey`, `storage` and the interfaces.
//!
//! `registry` has one row for each kind of factor; `attributes` derives what a proof is worth, in the values of `classes`.

pub mod attributes;
pub mod classes;
pub mod password;
pub mod proof;
pub mod push;
pub mod registry;
pub mod totp;

pub use attributes::attributes;
pub use classes::{Attributes, Classes};
pub use proof::{Candidate, KeyProtection, Proof, Receipt};
pub use registry::{Carrier, Method, method};
