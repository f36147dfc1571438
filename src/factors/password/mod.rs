//! The password: a memorized secret (NIST SP 800-63B-4 §3.1.1). Setting one is `rules`, checking one is `verify`.

mod commonest;
mod rules;
mod verify;

pub use rules::{NewPassword, PasswordProblem, Protects, check_new};
pub use verify::{HashParameters, Hasher, PasswordRecord, hash_password, needs_rehash, verify};
