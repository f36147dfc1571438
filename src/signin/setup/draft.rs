//! What the first form said, sealed while it waits for the second.

use crate::app::{App, SetupToken};
use serde::{Deserialize, Serialize};

/// What the draft is sealed for.
const PURPOSE: &str = "setup draft";

/// The first person, not kept yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) token: String,
    pub(super) username: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password_hash: String,
}

impl Draft {
    /// Sealed, for a hidden field.
    pub(super) fn seal(&self, app: &App) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        app.sealing.requests().seal_text(PURPOSE, &plain)
    }

    /// What was sealed; nothing if anyone changed it.
    pub(super) fn open(app: &App, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&app.sealing.requests().open_text(PURPOSE, sealed)?).ok()
    }

    /// The link that it came by.
    pub(super) fn token(&self) -> SetupToken {
        SetupToken(self.token.clone())
    }
}
