//! The page after a sign-out.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Reports that the session has ended.
#[derive(Clone, Debug, Serialize)]
pub struct SignedOutPage {
    /// The layout data.
    pub frame: Frame,
    /// The name of the relying party at `continue_url`.
    pub application: Option<String>,
    /// The URL for continuing, if the request named a registered one.
    pub continue_url: Option<String>,
}

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "signed_out.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let plain = Self { frame: Frame::sample(), application: None, continue_url: None };
        let linked = Self {
            application: Some("Harbor Billing".to_owned()),
            continue_url: Some("https://billing.harbor.example/".to_owned()),
            ..plain.clone()
        };
        vec![("plain", plain), ("linked", linked)]
    }
}
