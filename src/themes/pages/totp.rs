//! The TOTP page.

use crate::themes::{Choice, FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for a time-based one-time code; posts `code` to `/signin/totp`.
#[derive(Clone, Debug, Serialize)]
pub struct TotpPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The person's username.
    pub username: String,
    /// The error of the last code.
    pub error: Option<String>,
    /// Seconds until another attempt is allowed.
    pub retry_after_seconds: Option<u64>,
    /// The other factors that the person may use instead.
    pub choices: Vec<Choice>,
}

impl Page for TotpPage {
    const TEMPLATE: &'static str = "totp.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            username: "ada@northwind.example".to_owned(),
            error: None,
            retry_after_seconds: None,
            choices: vec![Choice::sample_of_push()],
        };
        let wrong = Self {
            error: Some("That code is not right. Type the one your authenticator shows now.".to_owned()),
            ..empty.clone()
        };
        let locked = Self {
            error: Some("Too many wrong codes in a row.".to_owned()),
            retry_after_seconds: Some(840),
            ..empty.clone()
        };
        let step_up = Self { step: StepFrame::sample_of_a_step_up(), choices: vec![], ..empty.clone() };
        vec![("empty", empty), ("wrong", wrong), ("locked", locked), ("step_up", step_up)]
    }
}
