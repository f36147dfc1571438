//! The password page.

use crate::themes::{Choice, FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Asks for the password; posts `password` (and `username`, for password managers) to `/signin/password`.
#[derive(Clone, Debug, Serialize)]
pub struct PasswordPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The username, exactly as typed.
    pub username: String,
    /// The error of the last attempt.
    pub error: Option<String>,
    /// Seconds until another attempt is allowed.
    pub retry_after_seconds: Option<u64>,
    /// Whether another username may be chosen.
    pub may_change_account: bool,
    /// The URL for choosing another username, if an address can carry the sign-in; otherwise a form leads there.
    pub change_account_url: Option<String>,
    /// The other factors that the person may use instead.
    pub choices: Vec<Choice>,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "password.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            username: "ada@northwind.example".to_owned(),
            error: None,
            retry_after_seconds: None,
            may_change_account: true,
            change_account_url: Some("/signin/identifier?j=jrn_5m2Xb7Qw1cT9kZ3rV8yN4g".to_owned()),
            choices: vec![],
        };
        let wrong = Self {
            error: Some("That name and password do not match. Check both and try again.".to_owned()),
            ..empty.clone()
        };
        let delayed = Self {
            error: Some("Too many wrong passwords in a row.".to_owned()),
            retry_after_seconds: Some(80),
            may_change_account: false,
            change_account_url: None,
            ..empty.clone()
        };
        let long =
            Self { step: StepFrame::sample_of_a_long_request(), change_account_url: None, ..empty.clone() };
        let several = Self { choices: vec![Choice::sample_of_a_code()], ..empty.clone() };
        vec![
            ("empty", empty),
            ("wrong", wrong),
            ("delayed", delayed),
            ("long_request", long),
            ("several_ways", several),
        ]
    }
}
