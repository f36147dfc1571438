//! You are signed out.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Says that the session is over.
#[derive(Clone, Debug, Serialize)]
pub struct SignedOutPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The relying party that the way on leads to.
    pub application: Option<String>,
    /// Where to go on, when there is a place.
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
