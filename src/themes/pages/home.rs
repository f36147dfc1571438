//! The home page.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// The content of `/` without a session.
#[derive(Clone, Debug, Serialize)]
pub struct HomePage {
    /// The layout data.
    pub frame: Frame,
    /// The issuer identifier, for connecting an application.
    pub issuer: String,
    /// The URL of the authenticator.
    pub authenticator_url: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            frame: Frame::sample(),
            issuer: "https://id.northwind.example".to_owned(),
            authenticator_url: "/authenticator/".to_owned(),
        };
        vec![("plain", page)]
    }
}
