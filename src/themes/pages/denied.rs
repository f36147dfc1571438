//! The request was denied on the phone.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Says that the phone said no, and what to do if somebody else caused the request.
#[derive(Clone, Debug, Serialize)]
pub struct DeniedPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The sign-in it belongs to.
    pub step: StepFrame,
    /// What happened, when it is more than a plain no.
    pub message: Option<String>,
    /// Whether another request may be sent.
    pub may_send_again: bool,
    /// Whether a code can be entered instead.
    pub may_enter_code: bool,
    /// How the help desk is reached, as a sentence.
    pub help_desk: Option<String>,
}

impl Page for DeniedPage {
    const TEMPLATE: &'static str = "denied.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let open = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            message: None,
            may_send_again: true,
            may_enter_code: true,
            help_desk: Some("Northwind help desk: extension 4400.".to_owned()),
        };
        let over = Self {
            message: Some("The number typed on the phone was not the one shown here.".to_owned()),
            may_send_again: false,
            may_enter_code: false,
            help_desk: None,
            ..open.clone()
        };
        vec![("open", open), ("over", over)]
    }
}
