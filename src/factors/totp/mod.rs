//! The time-based one-time code (RFC 6238): SHA-1, six digits, 30 seconds, as every generator understands it.

mod enroll;
mod verify;

pub use enroll::{generate_seed, otpauth_uri, secret_base32};
pub use verify::{TotpCandidate, TotpRecord, TotpRefusal, verify};

/// Seconds that one code is current.
pub const PERIOD_SECONDS: i64 = 30;
/// Digits of a code.
pub const CODE_DIGITS: u8 = 6;
