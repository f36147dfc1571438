//! The page behind the link of an invitation.

use crate::themes::{FormTarget, Frame, Handle, Page};
use serde::Serialize;

/// Welcomes an invited person; its button posts the token of the link to `/signin/invitation`, which redeems it.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationPage {
    /// The layout data.
    pub frame: Frame,
    /// The person's username.
    pub username: String,
    /// The CSRF token, posted in the hidden field `csrf`.
    pub csrf: String,
    /// The token of the link, posted in a hidden field.
    pub handle: Handle,
}

impl Page for InvitationPage {
    const TEMPLATE: &'static str = "invitation.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let welcome = Self {
            frame: Frame::sample(),
            username: "ada@northwind.example".to_owned(),
            csrf: "k3Jq0vXc1mZ8Yb7tR2nW5g".to_owned(),
            handle: Handle::new("token", "Zk3v0sQx8mB1nC7yT2wL5aR9eU4iO6pD0fG3hJ8kXcM"),
        };
        vec![("welcome", welcome)]
    }
}
