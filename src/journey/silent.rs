//! `prompt=none`: an answer without a page, or the reason why there is none (OpenID Connect Core §3.1.2.6).

use super::assurance::Assurance;
use super::requirement::RequirementReason;
use super::state::Journey;
use super::step::{SignInFailure, Step};
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
    pub reasons: BTreeSet<RequirementReason>,
}

impl Journey {
    /// The answer to `prompt=none`: what the session is worth, or which page would be needed.
    pub fn silently(&self, now: Timestamp) -> Result<Assurance, SilentRefusal> {
        let refuse = |error, reasons| Err(SilentRefusal { error, reasons });
        match self.step(now) {
            Step::Satisfied(assurance) => Ok(assurance),
            Step::Identify => refuse(SilentError::LoginRequired, [RequirementReason::NoSession].into()),
            Step::Prove { reasons, .. } => refuse(SilentError::LoginRequired, reasons),
            Step::Enroll(_) => {
                refuse(SilentError::InteractionRequired, [RequirementReason::Enrollment].into())
            }
            Step::Consent => refuse(SilentError::ConsentRequired, BTreeSet::new()),
            Step::Refused(SignInFailure::Unmet) => {
                refuse(SilentError::UnmetAuthenticationRequirements, [RequirementReason::Acr].into())
            }
            Step::Refused(_) => refuse(SilentError::LoginRequired, BTreeSet::new()),
        }
    }
}
