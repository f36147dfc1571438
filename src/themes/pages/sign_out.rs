//! The confirmation of a sign-out (OpenID Connect RP-Initiated Logout §2).

use crate::themes::{FormTarget, Frame, Handle, Page};
use serde::Serialize;

/// Asks before signing out; posts `decision` to `/signout`.
#[derive(Clone, Debug, Serialize)]
pub struct SignOutPage {
    /// The layout data.
    pub frame: Frame,
    /// The relying party that requested the sign-out.
    pub application: Option<String>,
    /// The person's username.
    pub username: String,
    /// The CSRF token, posted in the hidden field `csrf`.
    pub csrf: String,
    /// The sealed sign-out request, posted in a hidden field.
    pub handle: Option<Handle>,
}

impl Page for SignOutPage {
    const TEMPLATE: &'static str = "sign_out.html";
    const FORM_TARGET: FormTarget = FormTarget::RelyingParty;

    fn samples() -> Vec<(&'static str, Self)> {
        let own = Self {
            frame: Frame::sample(),
            application: None,
            username: "ada@northwind.example".to_owned(),
            csrf: "k3Jq0vXc1mZ8Yb7tR2nW5g".to_owned(),
            handle: None,
        };
        let asked = Self {
            application: Some("Harbor Billing".to_owned()),
            handle: Some(Handle::request("AbC-sealed_9z")),
            ..own.clone()
        };
        vec![("own", own), ("asked", asked)]
    }
}
