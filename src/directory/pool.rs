//! An identity pool and its sign-in policy.

use crate::limits::{
    lifetimes::DEFAULT_CHALLENGE_LIFETIME_SECONDS,
    push::{DEFAULT_DEVICES_PER_CHALLENGE, DEFAULT_DEVICES_PER_PERSON},
};
use ::entity::ids::{PoolId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A directory of people inside a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The id of its row.
    pub id: PoolId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its short name, unique in the workspace.
    pub slug: String,
    /// Its display name.
    pub display_name: String,
    /// Its sign-in policy.
    pub policy: PoolPolicy,
}

/// A kind of authentication factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Something you know: a memorized secret (NIST SP 800-63B-4 §3.1.1).
    Password,
    /// Something you have: an out-of-band approval signed by a device (§3.1.3).
    Push,
    /// Something you have: a time-based one-time code (RFC 6238).
    Totp,
}

/// When the people of a pool need a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// At every sign-in; a person without one must enroll one first.
    #[default]
    Always,
    /// Only when a client or a request requires a stronger `acr`.
    WhenAsked,
}

/// Whether an approval requires the device to verify its user (biometrics or PIN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserVerification {
    /// An approval without user verification is not accepted.
    Required,
    /// Requested where the device supports it.
    #[default]
    Preferred,
    /// Not requested.
    Off,
}

/// The policy of approvals on the phone; the defaults are those of the push protocol's document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PushPolicy {
    /// Whether the device must verify its user.
    pub user_verification: UserVerification,
    /// The number of digits to type: 2, 3 or 6.
    pub digits: u8,
    /// Whether the QR code on the page may be scanned instead of typing the number.
    pub qr: bool,
    /// Seconds until a challenge expires: 30 to 300.
    pub lifetime_seconds: u16,
    /// The maximum number of devices that receive a challenge: 1 to 15.
    pub fanout: u8,
    /// The maximum number of devices of a person: 1 to 15.
    pub devices: u8,
}

impl Default for PushPolicy {
    fn default() -> Self {
        Self {
            user_verification: UserVerification::Preferred,
            digits: 2,
            qr: true,
            lifetime_seconds: DEFAULT_CHALLENGE_LIFETIME_SECONDS,
            fanout: DEFAULT_DEVICES_PER_CHALLENGE,
            devices: DEFAULT_DEVICES_PER_PERSON,
        }
    }
}

/// The methods that count as first and second factor in a pool, and when the second is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoolPolicy {
    /// The methods accepted as first factor.
    pub first_factors: Vec<FactorKind>,
    /// The methods accepted as second factor.
    pub second_factors: Vec<FactorKind>,
    /// The second factor that is offered first when a person has several.
    pub preferred: Option<FactorKind>,
    /// When a second factor is required.
    pub second_factor: SecondFactorRule,
    /// The policy of approvals on the phone.
    pub push: PushPolicy,
}

impl Default for PoolPolicy {
    fn default() -> Self {
        Self {
            first_factors: vec![FactorKind::Password],
            second_factors: vec![FactorKind::Push, FactorKind::Totp],
            preferred: Some(FactorKind::Push),
            second_factor: SecondFactorRule::Always,
            push: PushPolicy::default(),
        }
    }
}
