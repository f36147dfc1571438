//! Remembers the issuer of the last server start, for commands: they run without the server's flags and
//! environment variables, and must not print links to another address.

use super::App;
use crate::fault::Fault;
use crate::storage::settings;

/// The setting that holds it.
const SETTING: &str = "issuer";

impl App {
    /// Stores the issuer when a server starts. A changed issuer is logged, because every application is
    /// configured with the old one.
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
                "the issuer has changed: update the configuration of every application"
            );
        }
        let tx = self.storage.begin().await?;
        settings::take(&tx, SETTING).await?;
        settings::insert_setting(&tx, SETTING, self.issuer().into(), self.now()).await?;
        tx.commit().await
    }

    /// Returns the issuer of the last server start; `None` before the first one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_issuer(&self) -> Result<Option<String>, Fault> {
        let kept = settings::find(&self.storage, SETTING).await?;
        Ok(kept.and_then(|value| value.as_str().map(str::to_owned)))
    }
}
