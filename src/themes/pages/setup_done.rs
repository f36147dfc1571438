//! The page with the first client's credentials, shown once.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Shows the new client's id and secret, once.
#[derive(Clone, Debug, Serialize)]
pub struct SetupDonePage {
    /// The layout data.
    pub frame: Frame,
    /// The username of the first person.
    pub username: String,
    /// The application's name.
    pub client_name: String,
    /// The issuer identifier.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The client's redirect URI.
    pub redirect_uri: String,
}

impl Page for SetupDonePage {
    const TEMPLATE: &'static str = "setup_done.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            frame: Frame::sample(),
            username: "ada".to_owned(),
            client_name: "Harbor Billing".to_owned(),
            issuer: "https://id.northwind.example".to_owned(),
            client_id: "harbor-billing-7Q2x".to_owned(),
            client_secret: "Zk3v0sQx8mB1nC7yT2wL5aR9eU4iO6pD0fG3hJ8kXcM".to_owned(),
            redirect_uri: "https://billing.harbor.example/callback".to_owned(),
        };
        vec![("client", page)]
    }
}
