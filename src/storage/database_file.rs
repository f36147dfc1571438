//! The file of an SQLite database, and whether it still is the one that was opened.
//!
//! A file that was removed or replaced goes on taking what is written, and nothing of it is there after a restart.

use super::Fault;
use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A file as it was opened.
#[derive(Clone, Debug)]
pub(super) struct DatabaseFile(Arc<(PathBuf, Identity)>);

/// Device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

impl DatabaseFile {
    /// The file at `path`, made when it is not there, so that nobody else on the machine can read it; SQLite gives its
    /// log the same mode.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let opened = File::options().create(true).append(true).mode(0o600).open(path);
        let identity = opened.and_then(|file| file.metadata()).map(|metadata| Identity::of(&metadata));
        let failed =
            |error| Fault::because(format!("cannot write the database file {}", path.display()), error);
        Ok(Self(Arc::new((path.to_owned(), identity.map_err(failed)?))))
    }

    /// Refuses to go on with a file that is no longer there.
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
    fn a_file_that_was_removed_or_replaced_is_noticed_and_one_that_comes_back_is_welcome() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        let file = DatabaseFile::open(&path).unwrap();
        assert!(file.check().is_ok());
        std::fs::rename(&path, &aside).unwrap();
        assert!(file.check().is_err_and(|fault| fault.is_temporary()));
        std::fs::write(&path, "another").unwrap();
        assert!(file.check().is_err());
        std::fs::rename(&aside, &path).unwrap();
        assert!(file.check().is_ok());
    }
}
