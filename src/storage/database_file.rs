//! The file of an SQLite database, and the check that it still is the file that was opened.
//!
//! Writes to a file that was removed or replaced succeed, and are lost at the next start.

use super::Fault;
use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The path and identity of a file at the time it was opened.
#[derive(Clone, Debug)]
pub(super) struct DatabaseFile(Arc<(PathBuf, Identity)>);

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

impl DatabaseFile {
    /// Opens the file at `path`, and creates it if it does not exist, with mode 0600. SQLite gives its
    /// write-ahead log the same mode.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let opened = File::options().create(true).append(true).mode(0o600).open(path);
        let identity = opened.and_then(|file| file.metadata()).map(|metadata| Identity::of(&metadata));
        let failed =
            |error| Fault::because(format!("cannot write the database file {}", path.display()), error);
        Ok(Self(Arc::new((path.to_owned(), identity.map_err(failed)?))))
    }

    /// Fails with a temporary fault when the file at the path is no longer the one that was opened.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let (path, opened) = self.0.as_ref();
        let gone = |error| {
            let what =
                "was removed or replaced: put it back, or stop the server and start it on the right one";
            Fault::away(format!("the database file {} {what}", path.display()), error)
        };
        let here = std::fs::metadata(path).map_err(gone)?;
        if Identity::of(&here) == *opened { Ok(()) } else { Err(gone(io::ErrorKind::NotFound.into())) }
    }
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_or_replaced_file_is_refused_and_a_restored_one_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let (path, moved_file) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        let file = DatabaseFile::open(&path).unwrap();
        assert!(file.check().is_ok());
        std::fs::rename(&path, &moved_file).unwrap();
        assert!(file.check().is_err_and(|fault| fault.is_temporary()));
        std::fs::write(&path, "another").unwrap();
        assert!(file.check().is_err());
        std::fs::rename(&moved_file, &path).unwrap();
        assert!(file.check().is_ok());
    }
}
