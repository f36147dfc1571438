//! Where a demo's data lie, and what seals them. A demo started again on the same database goes on as before.

use crate::{
    clock::Timestamp,
    entropy::Entropy,
    keys::SealingKey,
    storage::{Fault, Storage, settings},
};
use std::path::PathBuf;
use tempfile::TempDir;

/// Where the key lies in a PostgreSQL database. Beside its data it protects nothing from who reads the database, which
/// is fit for a demo and for nothing else.
const SETTING: &str = "demo.sealing_key";

/// A database, and the folder that goes with the process when it is a temporary one.
pub(super) struct DemoDatabase {
    /// The database.
    pub(super) url: String,
    _folder: Option<TempDir>,
}

impl DemoDatabase {
    /// The given database, or an SQLite file in a temporary folder.
    pub(super) fn choose(database: Option<&str>) -> Result<Self, Fault> {
        if let Some(url) = database {
            return Ok(Self { url: url.to_owned(), _folder: None });
        }
        let folder = tempfile::Builder::new().prefix("countersign-demo-").tempdir();
        let folder = folder.map_err(|error| Fault::because("there is no temporary folder", error))?;
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("demo.sqlite").display());
        Ok(Self { url, _folder: Some(folder) })
    }

    /// What seals the demo's data: a file beside an SQLite database, a row in a PostgreSQL one.
    pub(super) async fn sealing_key(
        &self,
        storage: &Storage,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<SealingKey, Fault> {
        let key = match key_file(&self.url) {
            Some(path) => SealingKey::from_file(&path, entropy),
            None => SealingKey::from_text(&kept_text(storage, &entropy.secret(), now).await?),
        };
        key.map_err(|error| Fault::because("the demo's sealing key", error))
    }
}

/// The key's file, when the database is one.
fn key_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?;
    Some(format!("{path}.key").into())
}

/// The text that is kept; `fresh` when there was none. Of two demos that start at once, both get the same.
async fn kept_text(storage: &Storage, fresh: &str, now: Timestamp) -> Result<String, Fault> {
    let tx = storage.begin().await?;
    settings::insert_setting(&tx, SETTING, fresh.into(), now).await?;
    tx.commit().await?;
    let kept = settings::find(storage, SETTING).await?;
    let kept = kept.and_then(|value| value.as_str().map(str::to_owned));
    kept.ok_or_else(|| Fault::broken(format!("the setting {SETTING} is not a text")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_lies_beside_a_file_and_nowhere_else() {
        for (url, path) in [
            ("sqlite:/a/b.db?mode=rwc", Some("/a/b.db.key")),
            ("sqlite:///a/b.db", Some("/a/b.db.key")),
            ("sqlite:b.db", Some("b.db.key")),
            ("postgres://u@h/d", None),
        ] {
            assert_eq!(key_file(url).as_deref(), path.map(std::path::Path::new), "{url}");
        }
    }

    #[test]
    fn a_temporary_folder_goes_with_its_demo() {
        let place = DemoDatabase::choose(None).unwrap();
        let folder = key_file(&place.url).unwrap().parent().unwrap().to_owned();
        assert!(folder.is_dir());
        drop(place);
        assert!(!folder.exists());
    }
}
