//! What the browser does next.

use super::LoadedSignIn;
use crate::{directory::FactorKind, journey::Step, protocol::AuthorizationResponse};

/// What the browser does next.
pub enum Next {
    /// It shows this page of the sign-in.
    Show(Box<LoadedSignIn>, StepPage),
    /// It shows the page of a second factor that the person has got elsewhere, and the page explains why no
    /// phone was added.
    Overtaken(Box<LoadedSignIn>, StepPage),
    /// It leaves: the sign-in is over.
    Done(Box<Completion>),
}

/// The end of a sign-in.
pub struct Completion {
    /// The response for the client.
    pub response: AuthorizationResponse,
    /// The client's name.
    pub application: String,
    /// The new token of the browser's session, if it has one.
    pub session_token: Option<String>,
}

/// A page of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepPage {
    /// Asks for the name. It leads to the current step where another one is due.
    Identifier,
    /// Asks for the password.
    Password,
    /// Waits for the phone.
    Push,
    /// Asks for a one-time code.
    Totp,
    /// Adds a phone.
    Enroll,
    /// Asks for consent.
    Consent,
}

impl StepPage {
    /// Returns the page of a step.
    pub fn of(step: &Step) -> Self {
        match step {
            Step::Identify | Step::Satisfied(_) | Step::Refused(_) => Self::Identifier,
            Step::Prove { kind: FactorKind::Password, .. } => Self::Password,
            Step::Prove { kind: FactorKind::Push, .. } => Self::Push,
            Step::Prove { kind: FactorKind::Totp, .. } => Self::Totp,
            Step::Enroll(_) => Self::Enroll,
            Step::Consent => Self::Consent,
        }
    }
}

impl Next {
    /// Shows a page of this sign-in.
    pub(super) fn show(sign_in: LoadedSignIn, page: StepPage) -> Self {
        Self::Show(Box::new(sign_in), page)
    }

    /// Leaves with `response`.
    pub(super) fn leave(
        response: AuthorizationResponse,
        sign_in: &LoadedSignIn,
        session_token: Option<String>,
    ) -> Self {
        Self::Done(Box::new(Completion {
            response,
            application: sign_in.application().to_owned(),
            session_token,
        }))
    }
}
