//! The approval on the phone: an answer that a device signs, carried out of band (NIST SP 800-63B-4 §3.1.3).
//!
//! The wire contract is the Countersign authenticator protocol, version 1. Enrolling is `enrollment`, `rotation` and
//! `user_verification`; asking is `details`, `number`, `qr`, `limits`; answering is `answer`; both prove a key by `jws`.

pub mod answer;
mod approval;
pub mod details;
pub mod device_key;
pub mod device_proof;
pub mod enrollment;
pub mod jws;
pub mod limits;
pub mod number;
pub mod qr;
pub mod rotation;
mod text;
pub mod transition;
pub mod user_verification;
#[cfg(test)]
mod vectors;

pub use approval::{CONSUME_WITHIN_SECONDS, ConsumedApproval};
pub use device_key::DeviceKey;
pub use transition::{ChallengeState, DeviceState, EnrollmentState, Transition};
