//! `prompt=none`: an answer without a page, or the reason why there is none (OpenID Connect Core §3.1.2.6).

use super::assurance::Assurance;
use super::requirement::Reason;
use super::state::Journey;
use super::step::{Refusal, Step};
use crate::clock::Timestamp;
use std::collections::BTreeSet;

/// The error code for the relying party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SilentError {
    /// The person must authenticate.
    LoginRequired,
    /// The person must do something else first.
    InteractionRequired,
    /// The person must consent.
    ConsentRequired,
    /// The essential `acr` cannot be reached.
    UnmetAuthenticationRequirements,
}

impl SilentError {
    /// The registered code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
        }
    }
}

/// Why there is no answer without a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentRefusal {
    /// For the relying party.
    pub error: SilentError,
    /// For the description and the audit trail.
    pub reasons: BTreeSet<Reason>,
}

impl Journey {
    /// The answer to `prompt=none`: what the session is worth, or which page would be needed.
    pub fn silently(&self, now: Timestamp) -> Result<Assurance, SilentRefusal> {
        let refuse = |error, reasons| Err(SilentRefusal { error, reasons });
        match self.step(now) {
            Step::Satisfied(assurance) => Ok(assurance),
            Step::Identify => refuse(SilentError::LoginRequired, [Reason::NoSession].into()),
            Step::Prove { reasons, .. } => refuse(SilentError::LoginRequired, reasons),
            Step::Enroll(_) => refuse(SilentError::InteractionRequired, [Reason::Enrollment].into()),
            Step::Consent => refuse(SilentError::ConsentRequired, BTreeSet::new()),
            Step::Refused(Refusal::Unmet) => {
                refuse(SilentError::UnmetAuthenticationRequirements, [Reason::Acr].into())
            }
            Step::Refused(_) => refuse(SilentError::LoginRequired, BTreeSet::new()),
        }
    }
}
