//! An identity pool and its sign-in policy.

use crate::limits::{
    lifetimes::DEFAULT_CHALLENGE_LIFETIME_SECONDS,
    push::{DEFAULT_DEVICES_PER_CHALLENGE, DEFAULT_DEVICES_PER_PERSON},
};
use ::entity::ids::{PoolId, WorkspaceId};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

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

impl FactorKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Password, Self::Push, Self::Totp];
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

/// What the first device of a person needs besides a first factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstDeviceRule {
    /// Nothing.
    #[default]
    FirstFactor,
    /// A ticket of an operator.
    Ticket,
}

impl FirstDeviceRule {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::FirstFactor, Self::Ticket];

    /// Returns the rule's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstFactor => "first_factor",
            Self::Ticket => "ticket",
        }
    }

    /// Whether it is the default.
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl SecondFactorRule {
    /// All rules.
    pub const ALL: [Self; 2] = [Self::Always, Self::WhenAsked];

    /// Returns the rule's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::WhenAsked => "when_asked",
        }
    }
}

impl UserVerification {
    /// All rules.
    pub const ALL: [Self; 3] = [Self::Required, Self::Preferred, Self::Off];

    /// Returns the rule's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Off => "off",
        }
    }
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

/// A value of a push policy that is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushPolicyProblem {
    /// Too few or too many digits.
    #[error("push.digits is {0}; expected 2, 3 or 6")]
    Digits(u8),
    /// Too short or too long.
    #[error("push.lifetime_seconds is {0}; expected 30 to 300")]
    Lifetime(u16),
    /// No device, or too many.
    #[error("push.fanout is {0}; expected 1 to 15")]
    Fanout(u8),
    /// No device, or too many.
    #[error("push.devices is {0}; expected 1 to 15")]
    Devices(u8),
}

impl PushPolicy {
    /// Checks every value.
    pub fn check(&self) -> Result<(), PushPolicyProblem> {
        let devices = 1..=15;
        if !matches!(self.digits, 2 | 3 | 6) {
            return Err(PushPolicyProblem::Digits(self.digits));
        }
        if !(30..=300).contains(&self.lifetime_seconds) {
            return Err(PushPolicyProblem::Lifetime(self.lifetime_seconds));
        }
        if !devices.contains(&self.fanout) {
            return Err(PushPolicyProblem::Fanout(self.fanout));
        }
        if !devices.contains(&self.devices) {
            return Err(PushPolicyProblem::Devices(self.devices));
        }
        Ok(())
    }
}

/// Reads a push policy, whose values must be in their ranges.
fn checked_push_policy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PushPolicy, D::Error> {
    let policy = PushPolicy::deserialize(deserializer)?;
    policy.check().map_err(D::Error::custom)?;
    Ok(policy)
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
    /// What the first device of a person needs. Written only where it demands more than a first factor: an older
    /// version does not know it, and then does not serve the pool.
    #[serde(skip_serializing_if = "FirstDeviceRule::is_default")]
    pub first_device: FirstDeviceRule,
    /// The policy of approvals on the phone.
    #[serde(deserialize_with = "checked_push_policy")]
    pub push: PushPolicy,
}

impl Default for PoolPolicy {
    fn default() -> Self {
        Self {
            first_factors: vec![FactorKind::Password],
            second_factors: vec![FactorKind::Push, FactorKind::Totp],
            preferred: Some(FactorKind::Push),
            second_factor: SecondFactorRule::Always,
            first_device: FirstDeviceRule::FirstFactor,
            push: PushPolicy::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(push: serde_json::Value) -> Result<PushPolicy, String> {
        let policy = serde_json::from_value::<PoolPolicy>(json!({ "push": push }));
        policy.map(|policy| policy.push).map_err(|error| error.to_string())
    }

    #[test]
    fn a_push_policy_out_of_its_ranges_is_not_read() {
        for good in [
            json!({}),
            json!({ "digits": 3 }),
            json!({ "digits": 6, "lifetime_seconds": 30, "fanout": 1, "devices": 1 }),
            json!({ "lifetime_seconds": 300, "fanout": 15, "devices": 15 }),
        ] {
            assert!(read(good.clone()).is_ok(), "{good}");
        }
        for (wrong, problem) in [
            (json!({ "digits": 1 }), "push.digits is 1; expected 2, 3 or 6"),
            (json!({ "digits": 4 }), "push.digits is 4; expected 2, 3 or 6"),
            (json!({ "lifetime_seconds": 29 }), "push.lifetime_seconds is 29; expected 30 to 300"),
            (json!({ "lifetime_seconds": 301 }), "push.lifetime_seconds is 301; expected 30 to 300"),
            (json!({ "fanout": 0 }), "push.fanout is 0; expected 1 to 15"),
            (json!({ "devices": 16 }), "push.devices is 16; expected 1 to 15"),
        ] {
            assert_eq!(read(wrong).unwrap_err(), problem);
        }
    }

    #[test]
    fn the_rule_of_the_first_device_is_written_only_where_it_demands_more() {
        let written = |first_device| {
            let policy = PoolPolicy { first_device, ..PoolPolicy::default() };
            let document = serde_json::to_value(&policy).unwrap();
            assert_eq!(serde_json::from_value::<PoolPolicy>(document.clone()).unwrap(), policy);
            document.get("first_device").cloned()
        };
        assert_eq!(written(FirstDeviceRule::FirstFactor), None);
        assert_eq!(written(FirstDeviceRule::Ticket), Some(json!("ticket")));
    }

    #[test]
    fn the_words_of_the_rules_are_those_that_are_stored() {
        for rule in FirstDeviceRule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        }
        for rule in SecondFactorRule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        }
        for rule in UserVerification::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
        }
    }

    #[test]
    fn the_defaults_are_in_their_ranges() {
        assert_eq!(PushPolicy::default().check(), Ok(()));
    }
}
