//! The version of workspaces, pools and clients beside an SQLite file: a command that changes one of them counts it
//! up, so that a running server, another process that it cannot notify, drops what it has cached.
//!
//! Never used on PostgreSQL, where `NOTIFY` reaches every node. Spec: none.
//! Called by: `connection`, and `transaction` at a commit.
//!
//! The process that makes a change drops what the change is about by itself, and its own number stays as it was.
//!
//! The number is in a file of its own, because a server reads it for every request, and a query would cost more than
//! the rest of a short request. An odd number says that a change is being committed, or that its process died at that
//! moment: until the next change the server then caches nothing from one request to the next.

use super::Fault;
use std::{
    fs::File,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The length of the number in the file, little-endian.
const BYTES: usize = 8;

/// The file with the version.
#[derive(Clone, Debug)]
pub(super) struct DirectoryVersion {
    path: Arc<PathBuf>,
    file: Arc<File>,
    own: Arc<Mutex<Own>>,
}

/// The changes of this process. Locked while the file is read and written, so that none is seen half.
#[derive(Debug, Default)]
struct Own {
    /// The odd number of the change that this process is committing.
    pending: Option<u64>,
    /// By how much its changes have raised the number.
    raised: u64,
}

/// What a server may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// What was read at this version.
    Version(u64),
    /// Nothing: a change is being committed.
    Changing,
}

impl DirectoryVersion {
    /// Opens the file beside the database file at `path`, and creates it if it does not exist, with mode 0600.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let mut name = path.as_os_str().to_owned();
        name.push("-directory");
        let path = PathBuf::from(name);
        let opened =
            File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(&path);
        let failed = |error| Fault::because(format!("cannot write {}", path.display()), error);
        let file = Arc::new(opened.map_err(failed)?);
        Ok(Self { path: Arc::new(path), file, own: Arc::default() })
    }

    /// Returns what may be kept.
    pub(super) fn freshness(&self) -> Freshness {
        let own = locked(&self.own);
        match read(&self.file) {
            Some(number) if number % 2 == 0 => Freshness::Version(number.wrapping_sub(own.raised)),
            Some(number) if own.pending == Some(number) => {
                Freshness::Version(number.wrapping_sub(1).wrapping_sub(own.raised))
            }
            Some(_) | None => Freshness::Changing,
        }
    }

    /// Says that a change is about to be committed. Other processes wait here until it is finished.
    ///
    /// # Errors
    /// When the file cannot be written: then the change must not be committed.
    pub(super) fn begin(&self) -> Result<Change, Fault> {
        let failed = |error| Fault::because(format!("cannot write {}", self.path.display()), error);
        // A lock belongs to an open file, so each change opens its own.
        let file = File::options().read(true).write(true).open(self.path.as_ref()).map_err(failed)?;
        file.lock().map_err(failed)?;
        let mut own = locked(&self.own);
        let before = read(&file).unwrap_or_default();
        let odd = before.wrapping_add(1) | 1;
        file.write_all_at(&odd.to_le_bytes(), 0).map_err(failed)?;
        // After a change whose process died, this one must be noticed: nothing says what that one was about.
        own.pending = before.is_multiple_of(2).then_some(odd);
        drop(own);
        Ok(Change { file, odd, own: Arc::clone(&self.own) })
    }
}

fn locked(own: &Mutex<Own>) -> MutexGuard<'_, Own> {
    own.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An empty file is version 0.
fn read(file: &File) -> Option<u64> {
    let mut bytes = [0; BYTES];
    match file.read_at(&mut bytes, 0) {
        Ok(BYTES) => Some(u64::from_le_bytes(bytes)),
        Ok(0) => Some(0),
        Ok(_) | Err(_) => None,
    }
}

/// A change that is being committed; dropped when it is finished, committed or not.
#[derive(Debug)]
pub(super) struct Change {
    file: File,
    odd: u64,
    own: Arc<Mutex<Own>>,
}

impl Drop for Change {
    fn drop(&mut self) {
        let mut own = locked(&self.own);
        // When it cannot be written, the number stays odd, and servers keep nothing.
        let written = self.file.write_all_at(&self.odd.wrapping_add(1).to_le_bytes(), 0);
        if own.pending.take().is_some() && written.is_ok() {
            own.raised = own.raised.wrapping_add(2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version as one process and another one on the same file see it.
    fn versions() -> (tempfile::TempDir, DirectoryVersion, DirectoryVersion) {
        let folder = tempfile::tempdir().unwrap();
        let open = || DirectoryVersion::open(&folder.path().join("a.sqlite")).unwrap();
        let (version, other) = (open(), open());
        (folder, version, other)
    }

    #[test]
    fn each_change_gives_another_process_another_version_and_none_while_it_lasts() {
        let (_folder, version, other) = versions();
        assert_eq!(other.freshness(), Freshness::Version(0));
        for finished in [2, 4] {
            let change = version.begin().unwrap();
            assert_eq!(other.freshness(), Freshness::Changing);
            drop(change);
            assert_eq!(other.freshness(), Freshness::Version(finished));
        }
    }

    #[test]
    fn an_own_change_gives_no_other_version_and_one_of_another_process_does() {
        let (_folder, version, other) = versions();
        for _ in 0..2 {
            let change = version.begin().unwrap();
            assert_eq!(version.freshness(), Freshness::Version(0));
            drop(change);
            assert_eq!(version.freshness(), Freshness::Version(0));
        }
        let change = other.begin().unwrap();
        assert_eq!(version.freshness(), Freshness::Changing);
        drop(change);
        assert_eq!(version.freshness(), Freshness::Version(2));
        assert_eq!(other.freshness(), Freshness::Version(4));
    }

    #[test]
    fn after_a_change_whose_process_died_the_next_one_ends_the_doubt() {
        let (_folder, version, other) = versions();
        let mut change = version.begin().unwrap();
        let odd = change.odd;
        // As the file is left by a process that is killed now.
        change.odd = odd - 1;
        drop(change);
        assert_eq!(other.freshness(), Freshness::Changing);
        drop(other.begin().unwrap());
        assert_eq!(other.freshness(), Freshness::Version(odd + 3));
    }

    #[test]
    fn another_process_waits_until_a_change_is_finished() {
        let (_folder, version, other) = versions();
        let change = version.begin().unwrap();
        let waiting = std::thread::spawn(move || {
            drop(other.begin().unwrap());
            other.freshness()
        });
        // Nobody else has written a number.
        assert_eq!(version.freshness(), Freshness::Version(0));
        drop(change);
        waiting.join().unwrap();
        assert_eq!(version.freshness(), Freshness::Version(2));
    }
}
