//! What may happen to a sign-in, what it shows, and what must be done.

use super::assurance::Assurance;
use super::demand::Enrolled;
use super::requirement::RequirementReason;
use crate::audit::AuditEvent;
use crate::directory::FactorKind;
use crate::factors::Proof;
use ::entity::ids::BrowserSessionId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One new fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The browser asks where it is. Changes nothing: a GET rings no phone.
    Arrived,
    /// Someone gave a name. Another person's proofs are forgotten.
    Identified(Enrolled),
    /// What is known of the person was read again, for instance after an enrollment.
    Refreshed(Enrolled),
    /// A factor was proved, and used up.
    Proved(Proof),
    /// The person refused on the device.
    Denied(FactorKind),
    /// The person let the client have what it asked for.
    Consented,
    /// The person pressed Cancel.
    GaveUp,
}

/// Where a sign-in stands: one page for each variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Who is it?
    Identify,
    /// A factor is owed.
    Prove {
        /// The one to ask for first.
        kind: FactorKind,
        /// The other ways, in the policy's order.
        alternatives: Vec<FactorKind>,
        /// Why.
        reasons: BTreeSet<RequirementReason>,
    },
    /// A second factor is owed and the person has none: one of these is to be enrolled, the first by preference.
    Enroll(Vec<FactorKind>),
    /// May the client have it?
    Consent,
    /// Done.
    Satisfied(Assurance),
    /// Over.
    Refused(SignInFailure),
}

impl Step {
    /// Whether a proof of this kind is what is owed: the way that is asked for or another one.
    pub fn asks_for(&self, wanted: FactorKind) -> bool {
        match self {
            Self::Prove { kind, alternatives, .. } => *kind == wanted || alternatives.contains(&wanted),
            _ => false,
        }
    }

    /// The diagram's name of it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identify => "Identify",
            Self::Prove { .. } => "Prove",
            Self::Enroll(_) => "Enroll",
            Self::Consent => "Consent",
            Self::Satisfied(_) => "Satisfied",
            Self::Refused(_) => "Refused",
        }
    }
}

/// Why a sign-in is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// The person cancelled, or refused consent.
    Cancelled,
    /// The person refused on the device.
    Denied,
    /// What is demanded cannot be reached (OpenID Connect Core §5.5.1.1, `unmet_authentication_requirements`).
    Unmet,
    /// Somebody else than the request is about signed in.
    OtherPerson,
    /// It took too long.
    TimedOut,
}

impl SignInFailure {
    /// The word of the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Denied => "denied",
            Self::Unmet => "unmet",
            Self::OtherPerson => "other_person",
            Self::TimedOut => "timed_out",
        }
    }
}

/// What must happen together with saving the new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask the person's devices: the approval is the only thing to ask for.
    ChallengeDevices,
    /// Withdraw this sign-in's open challenge, for a reason of the audit trail.
    SupersedeChallenges(&'static str),
    /// End this browser's earlier session: a new one takes its place.
    ForgetSession(BrowserSessionId),
    /// Write it down.
    Audit(AuditEvent),
}
