//! The events, steps and effects of a sign-in.

use super::assurance::Assurance;
use super::inputs::Inputs;
use super::requirement::RequirementReason;
use crate::audit::AuditEvent;
use crate::directory::FactorKind;
use crate::factors::{Proof, push::WithdrawalReason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An event of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The browser loads the current step. Changes nothing: a GET sends no challenge.
    Arrived,
    /// The person gave a name, for which these are the inputs. Proofs of another person are discarded.
    Identified(Box<Inputs>),
    /// A device was enrolled; the inputs were read again.
    DeviceAdded(Box<Inputs>),
    /// The person replaced a password that must be changed; the inputs were read again.
    PasswordChanged(Box<Inputs>),
    /// A factor was proved, and its evidence is used up.
    Proved(Proof),
    /// The person denied the request on the device.
    Denied(FactorKind),
    /// The person gave the client consent.
    Consented,
    /// The person cancelled.
    GaveUp,
}

impl Event {
    /// Returns the inputs that are true from this event on, if it has changed them.
    pub fn inputs(&self) -> Option<&Inputs> {
        match self {
            Self::Identified(inputs) | Self::DeviceAdded(inputs) | Self::PasswordChanged(inputs) => {
                Some(inputs)
            }
            Self::Arrived | Self::Proved(_) | Self::Denied(_) | Self::Consented | Self::GaveUp => None,
        }
    }
}

/// The current step of a sign-in; each variant has one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for the name.
    Identify,
    /// Ask for a factor.
    Prove {
        /// The factor to ask for first.
        kind: FactorKind,
        /// The alternatives, in the policy's order.
        alternatives: Vec<FactorKind>,
        /// The reasons.
        reasons: BTreeSet<RequirementReason>,
    },
    /// The password that was proved must be changed before anything is given for it.
    ChangePassword,
    /// A second factor is missing and the person has none, or a new one is to be added.
    Enroll {
        /// The factor to add first.
        kind: FactorKind,
        /// The alternatives, in the policy's order.
        alternatives: Vec<FactorKind>,
    },
    /// Ask for consent.
    Consent,
    /// Completed.
    Satisfied(Assurance),
    /// Failed.
    Refused(SignInFailure),
}

impl Step {
    /// Tells whether this step accepts a proof of this kind, as the first choice or an alternative.
    pub fn asks_for(&self, wanted: FactorKind) -> bool {
        match self {
            Self::Prove { kind, alternatives, .. } => *kind == wanted || alternatives.contains(&wanted),
            _ => false,
        }
    }

    /// The factors that this step accepts in place of `shown`, in the order of asking.
    pub fn choices(&self, shown: FactorKind) -> Vec<FactorKind> {
        match self {
            Self::Prove { kind, alternatives, .. } => {
                let offered = std::iter::once(kind).chain(alternatives).copied();
                offered.filter(|offered| *offered != shown).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The reasons why this step asks for a factor; none for a step that asks for no factor.
    pub fn reasons(&self) -> &BTreeSet<RequirementReason> {
        const NONE: &BTreeSet<RequirementReason> = &BTreeSet::new();
        match self {
            Self::Prove { reasons, .. } => reasons,
            _ => NONE,
        }
    }

    /// The name in the diagram.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identify => "Identify",
            Self::Prove { .. } => "Prove",
            Self::ChangePassword => "ChangePassword",
            Self::Enroll { .. } => "Enroll",
            Self::Consent => "Consent",
            Self::Satisfied(_) => "Satisfied",
            Self::Refused(_) => "Refused",
        }
    }
}

/// The reason for a failed sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// The person cancelled, or refused consent.
    Cancelled,
    /// The person denied the request on the device.
    Denied,
    /// The requirements cannot be met (OpenID Connect Core §5.5.1.1, `unmet_authentication_requirements`).
    Unmet,
    /// The signed-in person is not the one that the request names.
    OtherPerson,
    /// The sign-in was not completed within its lifetime.
    TimedOut,
}

impl SignInFailure {
    /// The code in the audit log.
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

/// An effect to run in the transaction that saves the new state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a challenge to the person's devices.
    ChallengeDevices,
    /// Withdraw this sign-in's open challenge.
    SupersedeChallenges(WithdrawalReason),
    /// Offer an enrollment to the person.
    OfferEnrollment,
    /// Write an audit event.
    Audit(AuditEvent),
}
