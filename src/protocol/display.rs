//! `display`: the layout that the client prefers (OpenID Connect Core §3.1.2.1).

use serde::{Deserialize, Serialize};

/// The `display` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A full page.
    Page,
    /// A small window.
    Popup,
    /// A page for touch screens.
    Touch,
    /// A page for feature phones.
    Wap,
}

impl Display {
    /// Reads the value; an unknown one counts as absent, because a layout is no reason to refuse a request.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "page" => Some(Self::Page),
            "popup" => Some(Self::Popup),
            "touch" => Some(Self::Touch),
            "wap" => Some(Self::Wap),
            _ => None,
        }
    }
}
