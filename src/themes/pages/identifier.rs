//! The first question: who are you?

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for the name to sign in with; posts `username` to `/signin/identifier`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentifierPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The sign-in it belongs to.
    pub step: StepFrame,
    /// The name that is already known: typed before, or hinted by the relying party. May be empty.
    pub username: String,
    /// What was wrong with the last answer.
    pub error: Option<String>,
}

impl Page for IdentifierPage {
    const TEMPLATE: &'static str = "identifier.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            frame: Frame::sample(),
            step: StepFrame::sample_before_first_post(),
            username: String::new(),
            error: None,
        };
        let hinted = Self { username: "ada@northwind.example".to_owned(), ..empty.clone() };
        let refused = Self { error: Some("Enter the name you sign in with.".to_owned()), ..empty.clone() };
        vec![("empty", empty), ("hinted", hinted), ("refused", refused)]
    }
}
