//! Default places of files: those of the system for root, else the XDG base directories.

use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Returns the default data directory.
pub(super) fn data_dir(environment: &BTreeMap<String, String>) -> PathBuf {
    let given = |name: &str| environment.get(name).filter(|value| Path::new(value).is_absolute());
    if let Some(state) = given("STATE_DIRECTORY") {
        // systemd's `StateDirectory=` separates several directories by colons.
        return state.split(':').next().unwrap_or(state).into();
    }
    if is_root() {
        return "/var/lib/countersign".into();
    }
    let home = || given("HOME").map(|home| Path::new(home).join(".local/share"));
    let base = given("XDG_DATA_HOME").map(PathBuf::from).or_else(home);
    base.map_or_else(|| "countersign-data".into(), |base| base.join("countersign"))
}

/// Returns the file that is read without `--config`, if it exists.
pub(super) fn standard_file(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    let base = if is_root() {
        Some(PathBuf::from("/etc"))
    } else {
        let home = || environment.get("HOME").map(|home| Path::new(home).join(".config"));
        environment.get("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home)
    };
    base.map(|base| base.join("countersign/config.toml")).filter(|path| path.is_file())
}

/// Whether the process runs as root.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_directory_of_systemd_takes_precedence() {
        let environment = BTreeMap::from([
            ("STATE_DIRECTORY".to_owned(), "/var/lib/one:/var/lib/two".to_owned()),
            ("XDG_DATA_HOME".to_owned(), "/home/ada/data".to_owned()),
        ]);
        assert_eq!(data_dir(&environment), Path::new("/var/lib/one"));
    }

    #[test]
    fn a_relative_directory_in_the_environment_is_ignored() {
        let environment = BTreeMap::from([("STATE_DIRECTORY".to_owned(), "relative".to_owned())]);
        assert!(!data_dir(&environment).ends_with("relative"));
    }
}
