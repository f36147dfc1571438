//! A request that no address can carry, on its way from another site's form to this server's own address.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Posts a sealed request to this server once more, by script or by a button: a browser sends no cookies with the form of
/// another site.
#[derive(Clone, Debug, Serialize)]
pub struct CarryOnPage {
    /// The layout data.
    pub frame: Frame,
    /// The relying party's name.
    pub application: Option<String>,
    /// The path that takes the request.
    pub action: String,
    /// The sealed request, posted in the hidden field `r`.
    pub request: String,
}

impl Page for CarryOnPage {
    const TEMPLATE: &'static str = "carry_on.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let sign_in = Self {
            frame: Frame::sample(),
            application: Some("Harbor Billing".to_owned()),
            action: "/authorize".to_owned(),
            request: "AbC-sealed_9z".to_owned(),
        };
        let sign_out = Self { application: None, action: "/signout".to_owned(), ..sign_in.clone() };
        vec![("sign_in", sign_in), ("sign_out", sign_out)]
    }
}
