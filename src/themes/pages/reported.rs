//! The page after a request was reported on the phone, which ends the sign-in.

use crate::themes::{FormTarget, Frame, Page, StepFrame};
use serde::Serialize;

/// Reports that the sign-in was stopped, and what the account's owner should do.
#[derive(Clone, Debug, Serialize)]
pub struct ReportedPage {
    /// The layout data.
    pub frame: Frame,
    /// The sign-in.
    pub step: StepFrame,
    /// Seconds for which the person's devices receive no notification.
    pub muted_seconds: Option<u64>,
    /// The URL for changing the password, if available.
    pub change_password_url: Option<String>,
    /// How to reach the help desk, as a sentence.
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
