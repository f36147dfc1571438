//! The first form's contents, sealed in a hidden field of the second form.

use crate::app::{App, SetupToken};
use serde::{Deserialize, Serialize};

/// Purpose of the seal of a draft.
const PURPOSE: &str = "setup draft";

/// The first person, not stored yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) token: String,
    pub(super) username: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password_hash: String,
}

impl Draft {
    /// Seals the draft for a hidden field.
    pub(super) fn seal(&self, app: &App) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        app.sealing.requests().seal_text(PURPOSE, &plain)
    }

    /// Opens a sealed draft; `None` when it was changed or is not one.
    pub(super) fn open(app: &App, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&app.sealing.requests().open_text(PURPOSE, sealed)?).ok()
    }

    /// Returns the token of the set-up link.
    pub(super) fn token(&self) -> SetupToken {
        SetupToken(self.token.clone())
    }
}
