//! Why an answer changes nothing, for the authenticator.

use crate::factors::push::jws::MalformedJws;
use crate::factors::push::{ChallengeState, DeviceState};

/// Why an answer consumes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// Ill-formed, for someone else, or by a way that is not offered.
    Invalid(&'static str),
    /// No such key, or a wrong signature; deliberately one.
    DeviceUnknown,
    /// Proven, and removed.
    DeviceRevoked,
    /// Proven, and not in use.
    DeviceNotActive(DeviceState),
    /// No such challenge, or not sent to this device.
    ChallengeUnknown,
    /// `chn` or `dh` is not this challenge's.
    Mismatch,
    /// Its time is over.
    Expired,
    /// It was answered or withdrawn.
    Closed(ChallengeState),
    /// The policy asks for user verification.
    UvRequired,
    /// The assertion does not verify.
    UvInvalid,
}

impl AnswerRefusal {
    /// The problem's stable code.
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
