//! The request was reported on the phone: this sign-in is over.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Says that the sign-in was stopped, and what its owner should do now.
#[derive(Clone, Debug, Serialize)]
pub struct ReportedPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The sign-in it belongs to.
    pub step: StepFrame,
    /// Seconds for which no device of this person rings.
    pub muted_seconds: Option<u64>,
    /// Where the password is changed, when there is such a place.
    pub change_password_url: Option<String>,
    /// How the help desk is reached, as a sentence.
    pub help_desk: Option<String>,
}

impl Page for ReportedPage {
    const TEMPLATE: &'static str = "reported.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let plain = Self {
            frame: Frame::sample(),
            step: StepFrame::sample(),
            muted_seconds: Some(1200),
            change_password_url: None,
            help_desk: None,
        };
        let full = Self {
            change_password_url: Some("/account/password".to_owned()),
            help_desk: Some("Northwind help desk: extension 4400.".to_owned()),
            ..plain.clone()
        };
        vec![("plain", plain), ("full", full)]
    }
}
