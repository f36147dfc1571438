//! Remembers the issuer of the last server start, for commands: they run without the server's flags and
//! environment variables, and must not print links to another address.

use super::App;
use crate::{
    fault::Fault,
    storage::{Storage, settings},
};

/// The setting that holds it.
const SETTING: &str = "issuer";

/// Returns the issuer of the last server start on this database; `None` before the first one.
pub(super) async fn known_issuer(storage: &Storage) -> Result<Option<String>, Fault> {
    let kept = settings::find(storage, SETTING).await?;
    Ok(kept.and_then(|value| value.as_str().map(str::to_owned)))
}

impl App {
    /// Stores the issuer when a server starts. A changed issuer is logged, because every application is
    /// configured with the old one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember_issuer(&self) -> Result<(), Fault> {
        let known = known_issuer(&self.storage).await?;
        if known.as_deref() == Some(self.public_url.as_str()) {
            return Ok(());
        }
        if let Some(before) = known {
            tracing::warn!(
                before,
                now = self.public_url.as_str(),
                "the issuer has changed: update the configuration of every application"
            );
        }
        let tx = self.storage.begin().await?;
        settings::take(&tx, SETTING).await?;
        settings::insert_setting(&tx, SETTING, self.public_url.as_str().into(), self.now()).await?;
        tx.commit().await
    }
}
