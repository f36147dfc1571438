//! How the client wants our pages to look (OpenID Connect Core §3.1.2.1).

use serde::{Deserialize, Serialize};

/// The `display` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A full page.
    Page,
    /// A small window.
    Popup,
    /// A touch screen.
    Touch,
    /// An old telephone.
    Wap,
}

impl Display {
    /// Reads the value; an unknown one is no wish at all, because looks are no reason to refuse anyone.
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
