//! What this server is.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// What `/` shows to somebody who is not signed in.
#[derive(Clone, Debug, Serialize)]
pub struct HomePage {
    /// What surrounds it.
    pub frame: Frame,
    /// The issuer, for whoever connects an application.
    pub issuer: String,
    /// Where the authenticator is.
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
