//! Push approval: a device signs its answer out of band. Never stores or sends anything.
//! Enrollment: `enrollment`, `rotation`, `user_verification`. Challenge: `details`, `number`, `qr`.
//! Spec: NIST SP 800-63B-4 §3.1.3; the authenticator protocol, version 1 (`docs/authenticator-protocol.md`).
//! Called by: `device_api`, `signin` and `storage`.

pub mod answer;
mod approval;
pub mod details;
pub mod device_key;
pub mod device_proof;
pub mod enrollment;
pub mod jws;
pub mod number;
pub mod qr;
pub mod rotation;
mod text;
pub mod transition;
pub mod user_verification;
#[cfg(test)]
mod vectors;
mod withdrawal;

pub use approval::ConsumedApproval;
pub use device_key::DeviceKey;
pub use transition::{
    ChallengeTransition, DeviceTransition, EnrollmentTransition, OutboxTransition, Transition,
    TransportTransition, is_open,
};
pub use withdrawal::WithdrawalReason;
