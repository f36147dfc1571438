//! Reads settings from variables: `COUNTERSIGN_*`, the same with `_FILE`, and the plain names that platforms
//! set.

use super::{
    catalog::{Kind, SETTINGS, Setting, setting},
    redaction::redacted,
    value::Value,
};
use std::{collections::BTreeMap, io::ErrorKind, net::IpAddr, path::Path};

/// Prefixes of `COUNTERSIGN_*` variables that are not settings: the path of the configuration file, and the
/// variables that Kubernetes injects for a Service called `countersign`.
const NO_SETTINGS: [&str; 3] = ["COUNTERSIGN_CONFIG", "COUNTERSIGN_SERVICE_", "COUNTERSIGN_PORT"];

/// Reads all settings from the environment, by key.
///
/// # Errors
/// One sentence for each invalid or unknown variable.
pub(super) fn values(
    environment: &BTreeMap<String, String>,
) -> Result<Vec<(&'static str, Value)>, Vec<String>> {
    let mut problems = unknown(environment);
    let mut values = Vec::new();
    for setting in SETTINGS {
        match text_of(setting, environment) {
            Ok(None) => {}
            Ok(Some((name, text))) => match read(setting.kind, &text) {
                Ok(value) => values.push((setting.key, value)),
                Err(expected) => problems.push(format!("{name}: {expected}")),
            },
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

/// Reads the text of a setting by its type.
pub(super) fn read(kind: Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Text | Kind::Secret => Ok(text.into()),
        Kind::Number => text
            .trim()
            .parse::<u64>()
            .map(Value::from)
            .map_err(|_| format!("`{}` is not a whole number", redacted(text))),
        Kind::List => {
            let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
            Ok(words.collect::<Vec<_>>().into())
        }
    }
}

/// Returns the text of one setting and the name of its source.
fn text_of(
    setting: &Setting,
    environment: &BTreeMap<String, String>,
) -> Result<Option<(String, String)>, String> {
    let name = setting.variable();
    let file_name = format!("{name}_FILE");
    match (environment.get(&name), environment.get(&file_name)) {
        (Some(_), Some(_)) => Err(format!("{name} and {file_name} are both set; keep one of them")),
        (Some(text), None) => Ok(Some((name, text.clone()))),
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some((file_name, without_last_newline(&text).to_owned()))),
            Err(error) => Err(unreadable_file(setting, &file_name, path, &error)),
        },
        (None, None) => match credential(setting, environment)? {
            Some(found) => Ok(Some(found)),
            None => plain(setting.key, environment),
        },
    }
}

/// Words the error for an unreadable `_FILE`. The path for a secret is not repeated, because it may be the
/// secret itself, set in the wrong variable.
fn unreadable_file(setting: &Setting, file_name: &str, path: &str, error: &std::io::Error) -> String {
    if setting.kind == Kind::Secret {
        return format!(
            "{file_name}: the file that it names cannot be read: {error}; set the variable to the path of a \
             file that contains the secret"
        );
    }
    format!("{file_name}: `{}` cannot be read: {error}", redacted(path))
}

/// Reads a secret from the credentials directory (systemd's `LoadCredential=`); its file has the name of the
/// setting.
fn credential(
    setting: &Setting,
    environment: &BTreeMap<String, String>,
) -> Result<Option<(String, String)>, String> {
    let folder = environment.get("CREDENTIALS_DIRECTORY").filter(|_| setting.kind == Kind::Secret);
    let Some(path) = folder.map(|folder| Path::new(folder).join(setting.key)) else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path.display().to_string(), without_last_newline(&text).to_owned()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("CREDENTIALS_DIRECTORY: `{}` cannot be read: {error}", path.display())),
    }
}

/// Reads the plain names that platforms set, for three settings.
fn plain(key: &str, environment: &BTreeMap<String, String>) -> Result<Option<(String, String)>, String> {
    let of = |name: &str| Ok(environment.get(name).map(|text| (name.to_owned(), text.clone())));
    match key {
        "database_url" => of("DATABASE_URL"),
        "log_level" => of("RUST_LOG"),
        "listen" => {
            // Some shells set HOST to the machine's name: only an address counts.
            let host = environment.get("HOST").and_then(|host| host.parse::<IpAddr>().ok());
            let port = environment.get("PORT");
            if host.is_none() && port.is_none() {
                return Ok(None);
            }
            let port = port.map_or("8080", String::as_str);
            let port = port
                .parse()
                .map_err(|_| format!("PORT: `{}` is not a port between 0 and 65535", redacted(port)))?;
            let address = std::net::SocketAddr::new(host.unwrap_or([127, 0, 0, 1].into()), port);
            Ok(Some(("HOST and PORT".to_owned(), address.to_string())))
        }
        _ => Ok(None),
    }
}

/// Removes one newline at the end of `text`, as `echo secret > file` adds it.
fn without_last_newline(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text)
}

/// Returns one sentence for each `COUNTERSIGN_*` variable that is not a setting.
fn unknown(environment: &BTreeMap<String, String>) -> Vec<String> {
    let names = environment.keys().filter(|name| name.starts_with("COUNTERSIGN_"));
    names
        .filter(|name| !NO_SETTINGS.iter().any(|prefix| name.starts_with(prefix)))
        .filter(|name| {
            let plain = name.strip_suffix("_FILE").unwrap_or(name);
            !SETTINGS.iter().any(|setting| setting.variable() == **name || setting.variable() == plain)
        })
        .map(|name| format!("{name} is not a setting; the nearest is {}", nearest(name)))
        .collect()
}

/// Returns the variable with the smallest edit distance to `name`.
fn nearest(name: &str) -> String {
    let variables = SETTINGS.iter().map(Setting::variable);
    let closest = variables.min_by_key(|variable| strsim::damerau_levenshtein(variable, name));
    closest.unwrap_or_default()
}

/// Reads the text of a flag by the type of the setting `key`.
pub(super) fn flag(key: &str, text: &str) -> Result<Value, String> {
    let kind = setting(key).map_or(Kind::Text, |setting| setting.kind);
    read(kind, text).map_err(|expected| format!("--{}: {expected}", key.replace(['_', '.'], "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_variable_is_read_by_the_type_of_its_setting() {
        let read = values(&given(&[
            ("COUNTERSIGN_LOG_LEVEL", "12345"),
            ("COUNTERSIGN_LIMITS__CONNECTIONS", "7"),
            ("COUNTERSIGN_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ]))
        .unwrap();
        assert!(read.contains(&("log_level", Value::from("12345"))));
        assert!(read.contains(&("limits.connections", Value::from(7))));
        assert!(read.contains(&("trusted_proxies", Value::from(vec!["10.0.0.0/8", "::1"]))));
    }

    #[test]
    fn a_misspelt_variable_is_refused_and_the_nearest_named() {
        let problems = values(&given(&[("COUNTERSIGN_PUBLC_URL", "https://id.example")])).unwrap_err();
        assert_eq!(
            problems,
            ["COUNTERSIGN_PUBLC_URL is not a setting; the nearest is COUNTERSIGN_PUBLIC_URL"]
        );
        assert!(values(&given(&[("COUNTERSIGN_PUBLIC_URL", "https://id.example")])).is_ok());
    }

    #[test]
    fn variables_injected_by_kubernetes_are_ignored() {
        for name in ["COUNTERSIGN_SERVICE_HOST", "COUNTERSIGN_PORT", "COUNTERSIGN_PORT_8080_TCP_ADDR"] {
            assert_eq!(values(&given(&[(name, "10.0.0.1")])).unwrap(), []);
        }
    }

    #[test]
    fn exactly_one_newline_is_removed_from_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (content, expected) in
            [("key", "key"), ("key\n", "key"), ("key\r\n", "key"), ("key\n\n", "key\n")]
        {
            std::fs::write(file.path(), content).unwrap();
            let path = file.path().to_str().unwrap();
            let read = values(&given(&[("COUNTERSIGN_ENCRYPTION_KEY_FILE", path)])).unwrap();
            assert_eq!(read, [("encryption_key", Value::from(expected))]);
        }
    }

    #[test]
    fn a_variable_and_its_file_together_are_refused() {
        let both =
            given(&[("COUNTERSIGN_ENCRYPTION_KEY", "a"), ("COUNTERSIGN_ENCRYPTION_KEY_FILE", "/nowhere")]);
        assert!(values(&both).unwrap_err()[0].contains("both set"));
        let missing = given(&[("COUNTERSIGN_LOG_LEVEL_FILE", "/nowhere")]);
        assert!(values(&missing).unwrap_err()[0].contains("`/nowhere` cannot be read"));
    }

    #[test]
    fn a_secret_in_the_variable_of_its_file_is_not_repeated() {
        for setting in SETTINGS.iter().filter(|setting| setting.kind == Kind::Secret) {
            let name = format!("{}_FILE", setting.variable());
            let problem = values(&given(&[(&name, "/nowhere/MARK")])).unwrap_err().concat();
            assert!(
                problem.starts_with(&format!("{name}: the file that it names cannot be read")),
                "{problem}"
            );
            assert!(!problem.contains("MARK"), "{problem}");
        }
    }

    #[test]
    fn the_credentials_directory_provides_secrets_and_no_other_settings() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["encryption_key", "log_level"] {
            std::fs::write(folder.path().join(name), "from systemd\n").unwrap();
        }
        let credentials = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
        assert_eq!(
            values(&given(&[credentials])).unwrap(),
            [("encryption_key", Value::from("from systemd"))],
            "database_url has no file, and log_level is not a secret"
        );
        let ours = values(&given(&[credentials, ("COUNTERSIGN_ENCRYPTION_KEY", "ours")])).unwrap();
        assert_eq!(ours, [("encryption_key", Value::from("ours"))]);
        std::fs::create_dir(folder.path().join("database_url")).unwrap();
        assert!(values(&given(&[credentials])).unwrap_err()[0].contains("database_url` cannot be read"));
    }

    #[test]
    fn plain_names_are_read_and_prefixed_names_take_precedence() {
        let plain = [("DATABASE_URL", "sqlite:a"), ("PORT", "9000"), ("HOST", "workstation")];
        let read = values(&given(&plain)).unwrap();
        assert!(read.contains(&("database_url", Value::from("sqlite:a"))));
        assert!(read.contains(&("listen", Value::from("127.0.0.1:9000"))));
        let ours = values(&given(&[("DATABASE_URL", "sqlite:a"), ("COUNTERSIGN_DATABASE_URL", "sqlite:b")]))
            .unwrap();
        assert_eq!(ours, [("database_url", Value::from("sqlite:b"))]);
    }
}
