//! The authorization response as a form (OAuth 2.0 Form Post Response Mode).

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Posts the authorization response to the relying party, by script or by a button.
#[derive(Clone, Debug, Serialize)]
pub struct FormPostPage {
    /// The layout data.
    pub frame: Frame,
    /// The relying party's name.
    pub application: String,
    /// The redirect URI.
    pub redirect_uri: String,
    /// The response's parameters.
    pub fields: Vec<FormPostField>,
}

/// A parameter of the response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormPostField {
    /// The parameter's name.
    pub name: String,
    /// The parameter's value.
    pub value: String,
}

impl Page for FormPostPage {
    const TEMPLATE: &'static str = "form_post.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let field =
            |name: &str, value: &str| FormPostField { name: name.to_owned(), value: value.to_owned() };
        let page = Self {
            frame: Frame::sample(),
            application: "Harbor Billing".to_owned(),
            redirect_uri: "https://billing.harbor.example/callback".to_owned(),
            fields: vec![
                field("code", "cs_ac_sample"),
                field("state", "a\"b<c>"),
                field("iss", "https://id"),
            ],
        };
        vec![("code", page)]
    }
}
