//! Translates a pool's push policy for its devices.

use super::words::UvRequirement;
use crate::{
    directory::Pool,
    factors::{Carrier, method},
};
use poem_openapi::Object;

/// The pool's policy as devices see it.
#[derive(Object)]
pub struct Policy {
    /// `required`, `preferred` or `off`.
    user_verification: UvRequirement,
    /// Number of digits to type.
    number_digits: u8,
    /// Whether the device also generates TOTP codes.
    totp: bool,
}

impl Policy {
    /// Returns the policy of `pool`.
    pub fn of(pool: &Pool) -> Self {
        Self {
            user_verification: pool.policy.push.user_verification.into(),
            number_digits: pool.policy.push.digits,
            totp: has_totp(pool),
        }
    }
}

/// Returns whether TOTP is a factor of the pool.
pub fn has_totp(pool: &Pool) -> bool {
    let policy = &pool.policy;
    policy
        .first_factors
        .iter()
        .chain(&policy.second_factors)
        .any(|kind| method(*kind).carrier == Carrier::Seed)
}
