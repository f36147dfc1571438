//! The account page: the signed-in person.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// The content of `/` for a signed-in person.
#[derive(Clone, Debug, Serialize)]
pub struct AccountPage {
    /// The layout data.
    pub frame: Frame,
    /// The full name, if known.
    pub name: Option<String>,
    /// The username.
    pub username: String,
    /// The names of the person's devices.
    pub devices: Vec<String>,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let bare = Self {
            frame: Frame::sample(),
            name: None,
            username: "ada@northwind.example".to_owned(),
            devices: Vec::new(),
        };
        let full = Self {
            name: Some("Ada Lovelace".to_owned()),
            devices: vec!["Pixel 9".to_owned(), "Ada’s tablet".to_owned()],
            ..bare.clone()
        };
        vec![("bare", bare), ("full", full)]
    }
}
