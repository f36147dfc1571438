//! An identity pool and its sign-in policy.

use ::entity::ids::{PoolId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A directory of people inside a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its row.
    pub id: PoolId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its short name, unique in the workspace.
    pub slug: String,
    /// Its name as people see it.
    pub display_name: String,
    /// Which methods count, and when a second one is asked for.
    pub policy: PoolPolicy,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Something known: a memorized secret (NIST SP 800-63B-4 §3.1.1).
    Password,
    /// Something held: an approval signed by a device, carried out of band (§3.1.3).
    Push,
    /// Something held: a time-based one-time code (RFC 6238).
    Totp,
}

/// When a pool's people owe a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// At every sign-in; who has none is led to enroll one first.
    #[default]
    Always,
    /// Only when a client or a request asks for a stronger `acr`.
    WhenAsked,
}

/// Whether an approval needs the device to verify its user (biometrics or PIN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserVerification {
    /// Without it an approval does not count.
    Required,
    /// Asked for where the device has it.
    #[default]
    Preferred,
    /// Not asked for.
    Off,
}

/// The policy of approvals on the phone; defaults as the push protocol's document gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushPolicy {
    /// Whether the device must verify its user.
    pub user_verification: UserVerification,
    /// How many digits are typed: 2, 3 or 6.
    pub digits: u8,
    /// Whether a QR code on the page may be scanned instead of typing the number.
    pub qr: bool,
    /// Seconds until a challenge expires: 30 to 300.
    pub lifetime_seconds: u16,
    /// At most how many devices ring: 1 to 15.
    pub fanout: u8,
    /// At most how many devices a person may have: 1 to 15.
    pub devices: u8,
}

impl Default for PushPolicy {
    fn default() -> Self {
        Self {
            user_verification: UserVerification::Preferred,
            digits: 2,
            qr: true,
            lifetime_seconds: 90,
            fanout: 5,
            devices: 5,
        }
    }
}

/// Which methods count as first and second factor in a pool, and when the second is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolPolicy {
    /// The methods that may come first.
    pub first_factors: Vec<FactorKind>,
    /// The methods that may come second.
    pub second_factors: Vec<FactorKind>,
    /// The second factor that is asked for first when a person has several.
    pub preferred: Option<FactorKind>,
    /// When a second factor is owed.
    pub second_factor: SecondFactorRule,
    /// How approvals on the phone work here.
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
