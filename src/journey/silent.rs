//! `prompt=none`: the result without any page, or the error (OpenID Connect Core §3.1.2.6).

use super::assurance::Assurance;
use super::inputs::Inputs;
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
    /// The person must enroll a factor or change the password first.
    InteractionRequired,
    /// The person must consent.
    ConsentRequired,
    /// The essential `acr` cannot be reached.
    UnmetAuthenticationRequirements,
}

impl SilentError {
    /// The registered error code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
        }
    }
}

/// The error of a request with `prompt=none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentRefusal {
    /// The error code for the relying party.
    pub error: SilentError,
    /// The reasons, for the error description and the audit log.
    pub reasons: BTreeSet<RequirementReason>,
}

impl Journey {
    /// Answers `prompt=none`: the assurance of the session, or the error for the page that would be needed.
    pub fn silently(&self, inputs: &Inputs, now: Timestamp) -> Result<Assurance, SilentRefusal> {
        let refuse = |error, reasons| Err(SilentRefusal { error, reasons });
        match self.step(inputs, now) {
            Step::Satisfied(assurance) => Ok(assurance),
            Step::Identify => refuse(SilentError::LoginRequired, [RequirementReason::NoSession].into()),
            Step::Prove { reasons, .. } => refuse(SilentError::LoginRequired, reasons),
            Step::Enroll { .. } => {
                refuse(SilentError::InteractionRequired, [RequirementReason::Enrollment].into())
            }
            Step::ChangePassword => {
                refuse(SilentError::InteractionRequired, [RequirementReason::PasswordChange].into())
            }
            Step::Consent => refuse(SilentError::ConsentRequired, BTreeSet::new()),
            Step::Refused(SignInFailure::Unmet) => {
                refuse(SilentError::UnmetAuthenticationRequirements, [RequirementReason::Acr].into())
            }
            Step::Refused(_) => refuse(SilentError::LoginRequired, BTreeSet::new()),
        }
    }
}
