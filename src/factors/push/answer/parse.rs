//! Parses an answer: a JWS around the bytes of its core, with exactly the members of its action.

use super::refusal::AnswerRefusal;
use crate::digest::sha256;
use crate::factors::push::ChallengeTransition;
use crate::factors::push::details::Binding;
use crate::factors::push::jws::{Jws, Typ};
use crate::factors::push::text::from_b64u;
use crate::factors::push::user_verification::Assertion;
use serde::Deserialize;

/// The person's reason for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// The person did not sign in.
    NotMe,
    /// The person is not sure.
    Unsure,
}

/// The action of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// The person signs in, and the answer carries what the browser shows.
    Approve,
    /// The person refuses.
    Deny,
    /// The person reports the sign-in as not theirs.
    Report(ReportReason),
}

impl AnswerAction {
    /// The transition of the challenge.
    pub const fn transition(self) -> ChallengeTransition {
        match self {
            Self::Approve => ChallengeTransition::Approve,
            Self::Deny => ChallengeTransition::Deny,
            Self::Report(_) => ChallengeTransition::Report,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActionWord {
    Approve,
    Deny,
    Report,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Core {
    pub(super) aud: String,
    pub(super) iss: String,
    pub(super) cid: String,
    #[serde(default)]
    pub(super) chn: Option<String>,
    #[serde(default)]
    pub(super) dh: Option<String>,
    act: ActionWord,
    #[serde(default)]
    pub(super) num: Option<String>,
    #[serde(default)]
    pub(super) qr: Option<String>,
    #[serde(default)]
    why: Option<ReportReason>,
    pub(super) ctr: i64,
}

#[derive(Deserialize)]
struct Payload {
    core: String,
    #[serde(default)]
    uv: Option<Assertion>,
}

/// A well-formed answer. Its content is untrusted until [`Answer::verify`] succeeds.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) jws: Jws,
    pub(super) core: Core,
    pub(super) core_bytes: Vec<u8>,
    pub(super) uv: Option<Assertion>,
    pub(super) act: AnswerAction,
}

/// The values that storage writes with the guarded UPDATE.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerMark {
    /// The device's counter; a repeated counter with another digest suspends the device.
    pub ctr: i64,
    /// SHA-256 of the core, for recognizing a repeat.
    pub digest: [u8; 32],
}

impl Answer {
    /// Step 1: parses the JWS and checks size and form.
    pub fn parse(compact: &str) -> Result<Self, AnswerRefusal> {
        let jws = Jws::parse(compact, Typ::Answer)?;
        let Payload { core, uv } = jws.claims()?;
        let core_bytes = from_b64u(&core).ok_or(AnswerRefusal::Invalid("core is not unpadded base64url"))?;
        let core: Core = serde_json::from_slice(&core_bytes)
            .map_err(|_| AnswerRefusal::Invalid("a member of the core is missing, malformed or repeated"))?;
        let act = act(&core)?;
        Ok(Self { jws, core, core_bytes, uv, act })
    }

    /// The thumbprint of the device's key, for finding the device.
    pub fn kid(&self) -> &str {
        self.jws.kid()
    }

    /// The counter and the digest of the core, stored for accepted and refused answers alike.
    pub fn mark(&self) -> AnswerMark {
        AnswerMark { ctr: self.core.ctr, digest: sha256(&self.core_bytes) }
    }

    /// The binding of an approval to its browser; `None` for a denial and a report.
    pub fn binding(&self) -> Option<Binding> {
        match (self.act, self.core.qr.is_some()) {
            (AnswerAction::Approve, true) => Some(Binding::Qr),
            (AnswerAction::Approve, false) => Some(Binding::Number),
            (AnswerAction::Deny | AnswerAction::Report(_), _) => None,
        }
    }

    /// Whether it reports the sign-in.
    pub fn is_report(&self) -> bool {
        matches!(self.act, AnswerAction::Report(_))
    }

    /// The id of the answered challenge; the request's path must name the same.
    pub fn challenge(&self) -> &str {
        &self.core.cid
    }
}

/// Reads the action and checks that exactly its members are present.
fn act(core: &Core) -> Result<AnswerAction, AnswerRefusal> {
    if core.ctr < 1 {
        return Err(AnswerRefusal::Invalid("ctr must be 1 or more"));
    }
    match (core.act, core.num.is_some(), core.qr.is_some(), core.why) {
        (ActionWord::Approve, true, false, None) | (ActionWord::Approve, false, true, None) => {
            Ok(AnswerAction::Approve)
        }
        (ActionWord::Approve, ..) => Err(AnswerRefusal::Invalid("approve has exactly one of num and qr")),
        (ActionWord::Deny, false, false, None) => Ok(AnswerAction::Deny),
        (ActionWord::Deny, ..) => Err(AnswerRefusal::Invalid("deny has neither num, qr nor why")),
        (ActionWord::Report, false, false, Some(why)) => Ok(AnswerAction::Report(why)),
        (ActionWord::Report, ..) => {
            Err(AnswerRefusal::Invalid("report has why, not_me or unsure, and no number"))
        }
    }
}
