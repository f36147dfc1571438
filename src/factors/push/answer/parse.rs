//! An answer as it travels: a JWS around the bytes of its core, each act with exactly its members.

use super::refusal::AnswerRefusal;
use super::verify::AnswerMark;
use crate::factors::push::Transition;
use crate::factors::push::details::Binding;
use crate::factors::push::jws::{Jws, Typ};
use crate::factors::push::text::{from_b64u, sha256};
use crate::factors::push::user_verification::Assertion;
use serde::Deserialize;

/// Why someone reports a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// They did not sign in.
    NotMe,
    /// They do not know.
    Unsure,
}

/// What a device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// It was me, and this is what my browser shows.
    Approve,
    /// No.
    Deny,
    /// It was not me.
    Report(ReportReason),
}

impl AnswerAction {
    /// What it does to the challenge.
    pub const fn transition(self) -> Transition {
        match self {
            Self::Approve => Transition::Approve,
            Self::Deny => Transition::Deny,
            Self::Report(_) => Transition::Report,
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

/// A well-formed answer; nothing in it is believed before [`Answer::verify`].
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) jws: Jws,
    pub(super) core: Core,
    pub(super) core_bytes: Vec<u8>,
    pub(super) uv: Option<Assertion>,
    pub(super) act: AnswerAction,
}

impl Answer {
    /// Step 1: size and form.
    pub fn parse(compact: &str) -> Result<Self, AnswerRefusal> {
        let jws = Jws::parse(compact, Typ::Answer)?;
        let Payload { core, uv } = jws.claims()?;
        let core_bytes = from_b64u(&core).ok_or(AnswerRefusal::Invalid("core is not unpadded base64url"))?;
        let core: Core = serde_json::from_slice(&core_bytes).map_err(|_| {
            AnswerRefusal::Invalid("a member of the core is missing, ill-formed or there twice")
        })?;
        let act = act(&core)?;
        Ok(Self { jws, core, core_bytes, uv, act })
    }

    /// The thumbprint by which the device is found.
    pub fn kid(&self) -> &str {
        self.jws.kid()
    }

    /// Its counter and the digest of its bytes: what is kept of it, whatever becomes of it.
    pub fn mark(&self) -> AnswerMark {
        AnswerMark { ctr: self.core.ctr, digest: sha256(&self.core_bytes) }
    }

    /// How an approval was bound to its browser; `None` for a denial and a report.
    pub fn binding(&self) -> Option<Binding> {
        match (self.act, self.core.qr.is_some()) {
            (AnswerAction::Approve, true) => Some(Binding::Qr),
            (AnswerAction::Approve, false) => Some(Binding::Number),
            (AnswerAction::Deny | AnswerAction::Report(_), _) => None,
        }
    }

    /// The challenge that it answers; the address of the request must name the same.
    pub fn challenge(&self) -> &str {
        &self.core.cid
    }
}

/// An act with exactly the members that belong to it.
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
