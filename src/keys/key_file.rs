//! The file of the sealing key: created once with mode 0600, refused when other users can read it.

use super::error::SealingKeyError;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Reads the text in `path`; a missing file is created with the content `fresh` and mode 0600.
pub(super) fn read_or_create(path: &Path, fresh: &str) -> Result<Zeroizing<String>, SealingKeyError> {
    let failed = |source| SealingKeyError::Io { path: path.to_owned(), source };
    if !path.try_exists().map_err(failed)? {
        create(path, fresh).map_err(failed)?;
    }
    read(path)
}

/// Reads the text in `path`, which only its owner may read.
pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, SealingKeyError> {
    let failed = |source| SealingKeyError::Io { path: path.to_owned(), source };
    let mode = path.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SealingKeyError::Exposed { path: path.to_owned(), mode });
    }
    std::fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Writes a temporary file beside `path` and links it there, so that a second process sees the whole content
/// or no file. The process that links first wins, and the others read its key.
fn create(path: &Path, fresh: &str) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.as_file().set_permissions(PermissionsExt::from_mode(0o600))?;
    writeln!(draft, "{fresh}")?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Err(lost) if lost.error.kind() != ErrorKind::AlreadyExists => Err(lost.error),
        _ => std::fs::File::open(folder)?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::keys::SealingKey;

    #[test]
    fn a_missing_key_is_created_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        let made = SealingKey::from_file(&path, &SystemEntropy).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        let found = SealingKey::from_file(&path, &SystemEntropy).unwrap();
        assert_eq!(made.fingerprint(), found.fingerprint());
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_instructions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        SealingKey::from_file(&path, &SystemEntropy).unwrap();
        for mode in [0o640, 0o604, 0o660, 0o610] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let sentence = SealingKey::from_file(&path, &SystemEntropy).unwrap_err().to_string();
            assert!(
                sentence.contains(&format!("mode {mode:04o}")) && sentence.contains("chmod 600"),
                "{sentence}"
            );
        }
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o400)).unwrap();
        SealingKey::from_file(&path, &SystemEntropy).unwrap();
    }

    #[test]
    fn the_error_names_a_missing_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nowhere/sealing.key");
        let sentence = SealingKey::from_file(&path, &SystemEntropy).unwrap_err().to_string();
        assert!(sentence.contains("nowhere/sealing.key"), "{sentence}");
    }

    #[test]
    fn concurrent_starts_share_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealing.key");
        let start = std::sync::Barrier::new(8);
        let fingerprints: Vec<String> = std::thread::scope(|scope| {
            let made: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        SealingKey::from_file(&path, &SystemEntropy).unwrap().fingerprint().to_owned()
                    })
                })
                .collect();
            made.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(fingerprints.iter().all(|other| Some(other) == fingerprints.first()));
    }
}
