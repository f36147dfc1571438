//! Precedence: a flag over a variable or its file over the configuration files over the default.

use super::{
    configuration_file, deserializer, environment, paths,
    settings::Config,
    validation,
    value::{Table, merge, single},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The sources of settings. `Debug` prints names only, because values may be secrets.
#[derive(Clone, Default)]
pub struct Sources {
    /// Configuration files, or folders of `.toml` files; a later one overrides an earlier one.
    pub files: Vec<PathBuf>,
    /// The environment variables.
    pub environment: BTreeMap<String, String>,
    /// Settings from flags: key and text; lists are separated by commas.
    pub flags: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flags: Vec<&str> = self.flags.iter().map(|(key, _)| *key).collect();
        formatter
            .debug_struct("Sources")
            .field("files", &self.files)
            .field("environment", &self.environment.keys())
            .field("flags", &flags)
            .finish()
    }
}

impl Sources {
    /// Combines files and flags with the variables of this process. Variables that are not UTF-8 are ignored.
    pub fn of_process(files: Vec<PathBuf>, flags: Vec<(&'static str, String)>) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { files, environment: std::env::vars_os().filter_map(text).collect(), flags }
    }

    /// Combines flags with the variables for logging. Other variables and the standard file are ignored, so
    /// that the settings of a permanent instance do not reach a demo.
    pub fn of_demo(flags: Vec<(&'static str, String)>) -> Self {
        let mut sources = Self::of_process(Vec::new(), flags);
        let kept = ["COUNTERSIGN_LOG_LEVEL", "COUNTERSIGN_LOG_FORMAT", "RUST_LOG"];
        sources.environment.retain(|name, _| kept.contains(&name.as_str()));
        sources.environment.insert("COUNTERSIGN_CONFIG".to_owned(), String::new());
        sources
    }

    /// Returns the files to read: the given ones, else `COUNTERSIGN_CONFIG`, else the standard file if it
    /// exists. An empty `COUNTERSIGN_CONFIG` means no file.
    fn files(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let mut paths = self.files.clone();
        if paths.is_empty() {
            paths = match self.environment.get("COUNTERSIGN_CONFIG") {
                Some(path) => {
                    Some(path).filter(|path| !path.is_empty()).map(PathBuf::from).into_iter().collect()
                }
                None => paths::standard_file(&self.environment).into_iter().collect(),
            };
        }
        let files: Result<Vec<_>, _> = paths.iter().map(|path| files_at(path)).collect();
        Ok(files?.concat())
    }
}

/// Why the settings cannot be used: one sentence for each problem, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Loads and validates the settings.
    ///
    /// # Errors
    /// One sentence for each invalid variable or invalid value; a file or type error is reported alone.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let one = |problem: String| ConfigError(vec![problem]);
        let mut merged = Table::new();
        for file in sources.files()? {
            merge(&mut merged, configuration_file::read(&file).map_err(one)?);
        }
        for (key, value) in environment::values(&sources.environment).map_err(ConfigError)? {
            merge(&mut merged, single(key, value));
        }
        for (key, text) in &sources.flags {
            merge(&mut merged, single(key, environment::flag(key, text).map_err(one)?));
        }
        let mut config: Self = deserializer::deserialize(&merged).map_err(|error| one(error.to_string()))?;
        config.default_data_dir = paths::data_dir(&sources.environment);
        let problems = validation::problems(&config);
        if problems.is_empty() { Ok(config) } else { Err(ConfigError(problems)) }
    }
}

/// Returns `path` if it is a file, or the `.toml` files of the folder, sorted by name.
fn files_at(path: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let unreadable =
        |error| ConfigError(vec![format!("--config: `{}` cannot be read: {error}", path.display())]);
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries: Result<Vec<_>, _> = std::fs::read_dir(path).map_err(unreadable)?.collect();
    let paths = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), content).unwrap();
        file
    }

    fn sources(file: &Path, variables: &[(&str, &str)], flags: &[(&'static str, &str)]) -> Sources {
        Sources {
            files: vec![file.to_owned()],
            environment: variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            flags: flags.iter().map(|(key, text)| (*key, (*text).to_owned())).collect(),
        }
    }

    #[test]
    fn a_flag_wins_over_a_variable_over_a_file_over_the_default() {
        let file = file("log_level = \"file\"\nlog_format = \"json\"\n[limits]\nconnections = 3\n");
        let variables = [("COUNTERSIGN_LOG_LEVEL", "variable"), ("COUNTERSIGN_LIMITS__CONNECTIONS", "4")];
        let config = Config::load(&sources(file.path(), &variables, &[("log_level", "flag")])).unwrap();
        assert_eq!(config.log_level, "flag");
        assert_eq!(config.limits.connections, 4);
        assert_eq!(config.log_format, super::super::LogFormat::Json);
        assert_eq!(config.limits.journeys_per_source, 1_000);
    }

    #[test]
    fn a_later_file_wins_and_a_folder_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("20.toml"), "log_level = \"later\"").unwrap();
        std::fs::write(folder.path().join("10.toml"), "log_level = \"earlier\"\nmigrate = \"off\"").unwrap();
        std::fs::write(folder.path().join("note.txt"), "not TOML").unwrap();
        let config = Config::load(&sources(folder.path(), &[], &[])).unwrap();
        assert_eq!(config.log_level, "later");
        assert_eq!(config.migrate, super::super::Migrate::Off);
    }

    #[test]
    fn a_misspelt_key_is_refused_with_the_name_of_its_file() {
        let file = file("publc_url = \"https://id.example\"\n");
        let refusal = Config::load(&sources(file.path(), &[], &[])).unwrap_err().to_string();
        assert!(refusal.contains("publc_url") && refusal.contains("public_url"), "{refusal}");
        assert!(refusal.contains(file.path().to_str().unwrap()), "{refusal}");
    }

    #[test]
    fn an_unreadable_value_is_named_by_its_key_and_its_file() {
        let broken = file("listen = ");
        let refusal = Config::load(&sources(broken.path(), &[], &[])).unwrap_err().to_string();
        let place = format!("{}, line 1 at `listen`: ", broken.path().display());
        assert!(refusal.starts_with(&place), "{refusal}");
        let wrong = sources(file("").path(), &[("COUNTERSIGN_LISTEN", "8080")], &[]);
        let refusal = Config::load(&Sources { files: Vec::new(), ..wrong }).unwrap_err().to_string();
        assert!(refusal.starts_with("listen: invalid socket address"), "{refusal}");
    }

    #[test]
    fn a_file_given_by_name_must_exist() {
        let refusal = Config::load(&sources(Path::new("/nowhere.toml"), &[], &[])).unwrap_err();
        assert!(refusal.to_string().starts_with("--config: `/nowhere.toml` cannot be read"), "{refusal}");
    }

    #[test]
    fn a_list_of_networks_is_read_from_files_and_variables() {
        let file = file("trusted_proxies = [\"10.0.0.0/8\"]");
        let from_file = Config::load(&sources(file.path(), &[], &[])).unwrap();
        let from_variable =
            Config::load(&sources(file.path(), &[("COUNTERSIGN_TRUSTED_PROXIES", "::1,fd00::/8")], &[]))
                .unwrap();
        assert_eq!((from_file.trusted_proxies.len(), from_variable.trusted_proxies.len()), (1, 2));
        let refusal =
            Config::load(&sources(file.path(), &[("COUNTERSIGN_TRUSTED_PROXIES", "true")], &[])).unwrap_err();
        assert!(refusal.to_string().contains("`true` is not a network"), "{refusal}");
    }

    #[test]
    fn sources_are_printed_without_values() {
        let sources = sources(
            Path::new("/etc/c.toml"),
            &[("COUNTERSIGN_DATABASE_URL", "MARK")],
            &[("database_url", "MARK")],
        );
        let shown = format!("{sources:?}");
        assert!(shown.contains("COUNTERSIGN_DATABASE_URL") && shown.contains("/etc/c.toml"), "{shown}");
        assert!(!shown.contains("MARK"), "{shown}");
    }
}
