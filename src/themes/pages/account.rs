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
    /// What has happened to them lately, a sentence each, newest first.
    pub changes: Vec<String>,
    /// The CSRF token of the form that adds a phone; `None` when the person may not add one here.
    pub add_phone: Option<String>,
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
            changes: Vec::new(),
            add_phone: None,
        };
        let full = Self {
            name: Some("Ada Lovelace".to_owned()),
            devices: vec!["Pixel 9".to_owned(), "Ada’s tablet".to_owned()],
            changes: vec![
                "Pixel 9 was added 3 hours ago.".to_owned(),
                "Pixel 6 was removed 2 days ago.".to_owned(),
            ],
            ..bare.clone()
        };
        let may_add = Self { add_phone: Some("token".to_owned()), ..full.clone() };
        vec![("bare", bare), ("full", full), ("may_add", may_add)]
    }
}
