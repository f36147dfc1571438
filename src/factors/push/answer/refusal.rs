//! The reasons for refusing an answer, for the authenticator.

use crate::factors::push::jws::MalformedJws;
use ::entity::enums::{AuthenticatorState, ChallengeState};

/// The reason for refusing an answer, which leaves the challenge unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// Malformed, for another recipient, or by a binding that is not offered; the text names the defect.
    Invalid(&'static str),
    /// An unknown key or a wrong signature; deliberately indistinguishable.
    DeviceUnknown,
    /// The signature is valid, and the device is revoked.
    DeviceRevoked,
    /// The signature is valid, and the device is not active.
    DeviceNotActive(AuthenticatorState),
    /// An unknown challenge, or one not sent to this device.
    ChallengeUnknown,
    /// `chn` or `dh` is not that of this challenge.
    Mismatch,
    /// The challenge has expired.
    Expired,
    /// The challenge was answered or withdrawn.
    Closed(ChallengeState),
    /// The policy requires user verification.
    UvRequired,
    /// The assertion is not valid.
    UvInvalid,
}

impl AnswerRefusal {
    /// The stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_answer",
            Self::DeviceUnknown => "device_unknown",
            Self::DeviceRevoked => "device_revoked",
            Self::DeviceNotActive(_) => "device_not_active",
            Self::ChallengeUnknown => "challenge_unknown",
            Self::Mismatch => "answer_mismatch",
            Self::Expired => "challenge_expired",
            Self::Closed(_) => "challenge_closed",
            Self::UvRequired => "uv_required",
            Self::UvInvalid => "uv_invalid",
        }
    }
}

impl From<MalformedJws> for AnswerRefusal {
    fn from(malformed: MalformedJws) -> Self {
        Self::Invalid(malformed.0)
    }
}
