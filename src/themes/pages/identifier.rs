//! The page that asks for the username.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for the username; posts `username` to `/signin/identifier`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentifierPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The username typed before or hinted by the relying party (`login_hint`); may be empty.
    pub username: String,
    /// The error of the last input.
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
