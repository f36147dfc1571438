//! The set-up link: valid for one hour and one use, and only while the server has no person.

use super::App;
use crate::{
    clock::Timestamp,
    digest::sha256,
    fault::Fault,
    http::urls::{Path, Urls},
    limits::lifetimes::SETUP_LINK_LIFETIME_SECONDS,
    storage::{
        Executor, Transaction, people, settings,
        stored::{self, Stored},
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// The setting that holds it.
const SETTING: &str = "setup_link";

/// The secret of a set-up link, as received.
#[derive(Clone, Debug)]
pub struct SetupToken(pub String);

/// The stored form of a link.
#[derive(Serialize, Deserialize)]
struct Kept {
    hash: String,
    expires_at: i64,
}

impl Stored for Kept {
    const PLACE: &'static str = "setting.value";
}

impl App {
    /// Creates a set-up link and replaces an older one; `None` when there is a person already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn new_setup_link(&self) -> Result<Option<String>, Fault> {
        if !people::is_empty(&self.storage).await? {
            return Ok(None);
        }
        let (now, token) = (self.now(), SetupToken(self.entropy.secret()));
        let kept = Kept { hash: token.hash(), expires_at: now.plus_seconds(SETUP_LINK_LIFETIME_SECONDS).0 };
        let kept = stored::write(&kept)?;
        let tx = self.storage.begin().await?;
        settings::take(&tx, SETTING).await?;
        settings::insert_setting(&tx, SETTING, kept, now).await?;
        tx.commit().await?;
        let urls = Urls::root(&self.public_url);
        Ok(Some(urls.at_with(Path::Setup, [("token", token.0.as_str())])))
    }
}

impl SetupToken {
    /// Whether the link is valid. Does not use it up, because mail scanners and link previews open links too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_good(&self, db: &impl Executor, now: Timestamp) -> Result<bool, Fault> {
        Ok(people::is_empty(db).await? && self.fits(settings::find(db, SETTING).await?, now))
    }

    /// Uses the link up in `tx`; `true` for one caller. Drop the transaction on `false`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take(&self, tx: &Transaction, now: Timestamp) -> Result<bool, Fault> {
        Ok(people::is_empty(tx).await? && self.fits(settings::take(tx, SETTING).await?, now))
    }

    fn fits(&self, kept: Option<serde_json::Value>, now: Timestamp) -> bool {
        let kept: Option<Kept> = kept.and_then(|value| stored::read(value).ok());
        kept.is_some_and(|kept| {
            bool::from(kept.hash.as_bytes().ct_eq(self.hash().as_bytes())) && now.0 < kept.expires_at
        })
    }

    fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_link_of_a_newer_version_fits_without_the_member_that_is_unknown() {
        let (token, now) = (SetupToken("secret".into()), Timestamp(7));
        let kept = |v| json!({ "hash": token.hash(), "expires_at": 8, "note": 1, "v": v });
        assert!(token.fits(Some(kept(1)), now));
        assert!(!token.fits(Some(kept(2)), now));
        assert!(!SetupToken("other".into()).fits(Some(kept(1)), now));
    }
}
