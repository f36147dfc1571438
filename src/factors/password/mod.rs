//! Passwords: `rules` checks a new one, `verify` hashes and verifies one with Argon2id.
//! Never stores, sends or logs a password.
//! Spec: NIST SP 800-63B-4 §3.1.1.
//! Called by: `app` (bootstrap, hashing pool, registration).

mod commonest;
mod rules;
mod verify;

pub use rules::{NewPassword, PasswordProblem, Protects, check_new};
pub use verify::{HashParameters, Hasher, PasswordRecord, hash_password, needs_rehash, verify};
