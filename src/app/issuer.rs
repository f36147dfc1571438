//! The issuer under which the house was opened last, for the verbs of the command line: they are started without the
//! server's own flags and variables, and must not send applications anywhere else.

use super::App;
use crate::storage::{Fault, settings};

/// Where it is kept.
const SETTING: &str = "issuer";

impl App {
    /// Keeps the issuer; a server does so when it opens. One that has changed is said in the log: every application
    /// knows the old one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember_issuer(&self) -> Result<(), Fault> {
        let known = self.known_issuer().await?;
        if known.as_deref() == Some(self.issuer()) {
            return Ok(());
        }
        if let Some(before) = known {
            tracing::warn!(
                before,
                now = self.issuer(),
                "the issuer has changed: every application must be told"
            );
        }
        let tx = self.storage.begin().await?;
        settings::take(&tx, SETTING).await?;
        settings::insert_setting(&tx, SETTING, self.issuer().into(), self.now()).await?;
        tx.commit().await
    }

    /// The issuer under which a server was opened last; `None` when none was yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_issuer(&self) -> Result<Option<String>, Fault> {
        let kept = settings::find(&self.storage, SETTING).await?;
        Ok(kept.and_then(|value| value.as_str().map(str::to_owned)))
    }
}
