//! What each sealed column is sealed for: table, column and row, so that a value cannot be moved. And the two keys
//! that pure rules take as bytes.

use crate::keys::SealingKey;
use ::entity::ids::{AuthenticatorId, ChallengeId, EnrollmentId};

/// The seed of a generator of codes.
pub fn totp_seed(id: AuthenticatorId) -> String {
    format!("authenticator.totp_seed:{id}")
}

/// The number of a challenge, for showing it again.
pub fn challenge_number(id: ChallengeId) -> String {
    format!("challenge.number_sealed:{id}")
}

/// The nonce of a challenge's QR code, for showing it again.
pub fn challenge_qr(id: ChallengeId) -> String {
    format!("challenge.qr_sealed:{id}")
}

/// The link and the code of an enrollment, for showing them again.
pub fn enrollment_link(id: EnrollmentId) -> String {
    format!("enrollment.link_sealed:{id}")
}

/// The confirmation code of an enrollment, for a repeat of its completion.
pub fn confirmation_code(id: EnrollmentId) -> String {
    format!("enrollment.confirmation_sealed:{id}")
}

/// The key of the hashes of numbers, QR codes, activation codes and confirmation codes.
pub fn code_key(sealing: &SealingKey) -> [u8; 32] {
    sealing.code_pepper().tag(&[b"codes"])
}

/// The key of the nonces that devices sign.
pub fn device_nonce_key(sealing: &SealingKey) -> [u8; 32] {
    sealing.device_nonces().tag(&[b"nonces"])
}
