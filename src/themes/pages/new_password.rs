//! The page that asks for a new password.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for a new password; posts `new_password` and `new_password_again`. A password is never shown again.
#[derive(Clone, Debug, Serialize)]
pub struct NewPasswordPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in. Its reason says why a password is asked for.
    pub step: StepFrame,
    /// The URL that the form posts to, without the base.
    pub action: String,
    /// The person's username.
    pub username: String,
    /// The fewest characters.
    pub least: usize,
    /// The most characters.
    pub most: usize,
    /// The error of the last password.
    pub error: Option<String>,
    /// The error of its repetition.
    pub error_again: Option<String>,
    /// Whether it is the person's first password.
    pub is_first: bool,
    /// Whether the person may leave without a new password.
    pub may_cancel: bool,
}

impl Page for NewPasswordPage {
    const TEMPLATE: &'static str = "new_password.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            action: "/signin/new-password".to_owned(),
            username: "ada@northwind.example".to_owned(),
            least: 15,
            most: 128,
            error: None,
            error_again: None,
            is_first: false,
            may_cancel: true,
        };
        let first = Self { is_first: true, ..empty.clone() };
        let refused = Self {
            error: Some("This password contains your name or ours. Choose one without it.".to_owned()),
            ..empty.clone()
        };
        let different = Self {
            error_again: Some("The two passwords are not the same. Type both again.".to_owned()),
            ..empty.clone()
        };
        vec![("empty", empty), ("first", first), ("refused", refused), ("different", different)]
    }
}
