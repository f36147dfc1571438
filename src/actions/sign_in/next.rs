//! What the browser does next.

use super::{Completion, LoadedSignIn};
use crate::{directory::FactorKind, journey::Step};

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

/// A page of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepPage {
    /// Asks for the name. It leads to the current step where another one is due.
    Identifier,
    /// Asks for a factor: a password, an approval on the phone, a code.
    Factor(FactorKind),
    /// Asks for a new password.
    NewPassword,
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
            Step::Prove { kind, .. } => Self::Factor(*kind),
            Step::ChangePassword => Self::NewPassword,
            Step::Enroll { .. } => Self::Enroll,
            Step::Consent => Self::Consent,
        }
    }
}

impl Next {
    /// Shows a page of this sign-in.
    pub(super) fn show(sign_in: LoadedSignIn, page: StepPage) -> Self {
        Self::Show(Box::new(sign_in), page)
    }

    /// Leaves the sign-in.
    pub(super) fn done(completion: Completion) -> Self {
        Self::Done(Box::new(completion))
    }
}
