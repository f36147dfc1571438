//! The demo's database and its sealing key. A demo started again on the same database continues with its
//! data.

use crate::{
    clock::Timestamp,
    entropy::Entropy,
    fault::Fault,
    keys::SealingKey,
    storage::{Storage, settings},
};
use std::path::PathBuf;
use tempfile::TempDir;

/// The setting that holds the key in a PostgreSQL database. A key beside its data does not protect them from
/// a reader of the database, which is acceptable for a demo only.
const SETTING: &str = "demo.sealing_key";

/// A database URL, and the temporary folder of the database, if any, deleted on drop.
pub(super) struct DemoDatabase {
    /// The database URL.
    pub(super) url: String,
    _folder: Option<TempDir>,
}

impl DemoDatabase {
    /// Uses the given database, or an SQLite file in a new temporary folder.
    pub(super) fn choose(database: Option<&str>) -> Result<Self, Fault> {
        if let Some(url) = database {
            return Ok(Self { url: url.to_owned(), _folder: None });
        }
        let folder = tempfile::Builder::new().prefix("countersign-demo-").tempdir();
        let folder = folder.map_err(|error| {
            Fault::because("cannot create a temporary folder for the demo's database", error)
        })?;
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("demo.sqlite").display());
        Ok(Self { url, _folder: Some(folder) })
    }

    /// Loads or creates the sealing key: a file beside an SQLite database, a setting in a PostgreSQL one.
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
        key.map_err(|error| Fault::because("cannot use the demo's sealing key", error))
    }
}

/// The path of the key file; `None` if the database is not an SQLite file.
fn key_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//").split('?').next()?;
    Some(format!("{path}.key").into())
}

/// Returns the stored text, or stores `fresh` if there is none. Two demos that start at the same time get the
/// same text.
async fn kept_text(storage: &Storage, fresh: &str, now: Timestamp) -> Result<String, Fault> {
    let tx = storage.begin().await?;
    settings::insert_setting(&tx, SETTING, fresh.into(), now).await?;
    tx.commit().await?;
    let kept = settings::find(storage, SETTING).await?;
    let kept = kept.and_then(|value| value.as_str().map(str::to_owned));
    kept.ok_or_else(|| Fault::broken(format!("the setting {SETTING} is not a string")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_exists_only_for_a_database_file() {
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
    fn a_temporary_folder_is_deleted_with_its_demo() {
        let database = DemoDatabase::choose(None).unwrap();
        let folder = key_file(&database.url).unwrap().parent().unwrap().to_owned();
        assert!(folder.is_dir());
        drop(database);
        assert!(!folder.exists());
    }
}
