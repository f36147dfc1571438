//! Time-based one-time codes (RFC 6238): SHA-1, six digits, 30 seconds, the values that every app supports.
//! Never stores a seed or a used step: storage does.
//! Called by: `signin` for enrollment and sign-in.

mod enroll;
mod verify;

pub use enroll::{generate_seed, otpauth_uri, secret_base32};
pub use verify::{TotpCandidate, TotpRecord, TotpRefusal, verify};

/// Seconds of one time step.
pub const PERIOD_SECONDS: i64 = 30;
/// Digits of a code.
pub const CODE_DIGITS: u8 = 6;
