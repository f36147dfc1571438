//! The purpose that each sealed column is bound to: table, column and row, so that a sealed value cannot be
//! moved to another place. Also derives the two keys that the pure core takes as bytes.

use crate::keys::SealingKey;
use ::entity::ids::{AuthenticatorId, ChallengeId, EnrollmentId};

/// The seed of a TOTP authenticator.
pub fn totp_seed(id: AuthenticatorId) -> String {
    format!("authenticator.totp_seed:{id}")
}

/// The private key of the signing key `kid`.
pub fn signing_key(kid: &str) -> String {
    format!("signing_key.private_sealed:{kid}")
}

/// The number of a challenge, stored to show it again.
pub fn challenge_number(id: ChallengeId) -> String {
    format!("challenge.number_sealed:{id}")
}

/// The nonce of a challenge's QR code, stored to show it again.
pub fn challenge_qr(id: ChallengeId) -> String {
    format!("challenge.qr_sealed:{id}")
}

/// The link and the activation code of an enrollment, stored to show them again.
pub fn enrollment_link(id: EnrollmentId) -> String {
    format!("enrollment.link_sealed:{id}")
}

/// The confirmation code of an enrollment, stored for a repeat of its completion.
pub fn confirmation_code(id: EnrollmentId) -> String {
    format!("enrollment.confirmation_sealed:{id}")
}

/// The key for hashes of numbers, QR codes, activation codes and confirmation codes.
pub fn code_key(sealing: &SealingKey) -> [u8; 32] {
    sealing.code_pepper().tag(&[b"codes"])
}

/// The key for the nonces that devices sign.
pub fn device_nonce_key(sealing: &SealingKey) -> [u8; 32] {
    sealing.device_nonces().tag(&[b"nonces"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;
    use std::collections::BTreeSet;

    #[test]
    fn each_column_of_each_row_has_its_own_purpose() {
        let purposes = |row: u128| {
            let id = Uuid::from_u128(row);
            let (challenge, enrollment) = (ChallengeId(id), EnrollmentId(id));
            [
                totp_seed(AuthenticatorId(id)),
                challenge_number(challenge),
                challenge_qr(challenge),
                enrollment_link(enrollment),
                confirmation_code(enrollment),
            ]
        };
        let all: BTreeSet<String> = [1, 2].into_iter().flat_map(purposes).collect();
        assert_eq!(all.len(), 10, "{all:?}");
    }
}
