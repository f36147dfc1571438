//! The page after a request was denied on the phone.

use crate::themes::{Choice, FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Reports the denial, and what to do if somebody else caused the request.
#[derive(Clone, Debug, Serialize)]
pub struct DeniedPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// The cause, if it is more than a plain denial.
    pub message: Option<String>,
    /// Whether the person may send another request.
    pub may_send_again: bool,
    /// The other factors that the person may use instead.
    pub choices: Vec<Choice>,
    /// The URL that begins the sign-in again; `None` while it goes on.
    pub restart_url: Option<String>,
    /// How to reach the help desk, as a sentence.
    pub help_desk: Option<String>,
}

impl Page for DeniedPage {
    const TEMPLATE: &'static str = "denied.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let open = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            message: Some("The number typed on the phone was not the one shown here.".to_owned()),
            may_send_again: true,
            choices: vec![Choice::sample_of_a_code()],
            restart_url: None,
            help_desk: Some("Northwind help desk: extension 4400.".to_owned()),
        };
        let over = Self {
            message: None,
            may_send_again: false,
            choices: vec![],
            restart_url: Some("/authorize?r=sealed".to_owned()),
            help_desk: None,
            ..open.clone()
        };
        vec![("open", open), ("over", over)]
    }
}
