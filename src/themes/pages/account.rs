//! Who is signed in here.

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// What `/` shows to somebody who is signed in.
#[derive(Clone, Debug, Serialize)]
pub struct AccountPage {
    /// What surrounds it.
    pub frame: Frame,
    /// The full name, when there is one.
    pub name: Option<String>,
    /// The name they sign in with.
    pub username: String,
    /// The names of their devices.
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
