//! What a pool asks of its devices.

use crate::directory::{FactorKind, Pool, UserVerification};
use poem_openapi::Object;

/// What a pool asks of its devices.
#[derive(Object)]
pub struct Policy {
    /// `required`, `preferred` or `off`.
    user_verification: String,
    /// How many digits are typed.
    number_digits: u8,
    /// Whether a device also makes codes.
    totp: bool,
}

impl Policy {
    /// That of `pool`.
    pub fn of(pool: &Pool) -> Self {
        Self {
            user_verification: word(pool.policy.push.user_verification).to_owned(),
            number_digits: pool.policy.push.digits,
            totp: has_totp(pool),
        }
    }
}

/// Whether the pool's people sign in with codes.
pub fn has_totp(pool: &Pool) -> bool {
    let policy = &pool.policy;
    policy.first_factors.iter().chain(&policy.second_factors).any(|factor| *factor == FactorKind::Totp)
}

/// The word for a requirement.
pub fn word(requirement: UserVerification) -> &'static str {
    match requirement {
        UserVerification::Required => "required",
        UserVerification::Preferred => "preferred",
        UserVerification::Off => "off",
    }
}
