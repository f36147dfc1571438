//! Generates the reference in `docs/` from the catalog and the defaults; a test compares them.

use super::{
    Config,
    catalog::{SETTINGS, Setting},
};
use serde_json::Value;
use std::fmt::Write;

/// Generates `docs/countersign.example.toml`: every setting with its description, commented out.
pub fn example_file() -> String {
    let mut text =
        "# Every setting of Countersign, commented out. The values are examples, not defaults.\n".to_owned();
    let mut table = "";
    for setting in SETTINGS {
        let (in_table, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if in_table != table {
            table = in_table;
            let _ = write!(text, "\n[{table}]\n");
        }
        text.push('\n');
        for line in wrapped(&format!("{} Default: {}.", setting.about, default_of(setting).replace('`', "")))
        {
            let _ = writeln!(text, "# {line}");
        }
        let _ = writeln!(text, "# {name} = {}", setting.example);
    }
    text
}

/// Generates `docs/configuration.md`: the precedence of the sources and a table of all settings.
pub fn reference_table() -> String {
    let mut text = String::from(INTRODUCTION);
    for setting in SETTINGS {
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} |",
            setting.key,
            setting.variable(),
            default_of(setting),
            setting.about.replace('|', "\\|")
        );
    }
    text
}

/// The text above the table.
const INTRODUCTION: &str = "# Configuration

Countersign starts without any configuration. Each setting comes from the first of these sources that has it:

1. a command line flag (`countersign serve --help` lists them);
2. a variable, `COUNTERSIGN_` and the setting's name; two underscores stand for a dot;
3. a file, without its last newline, for secrets: its path is in the variable with `_FILE` at the end of the name;
   setting both variables is an error. Secrets are also read from `$CREDENTIALS_DIRECTORY`, from a file with the name
   of the setting (systemd: `LoadCredential=encryption_key:/etc/countersign/encryption.key`);
4. the configuration files in TOML: those given by `--config` (repeatable, a later one overrides; a folder means its
   `.toml` files sorted by name), else the one in `COUNTERSIGN_CONFIG`, else `/etc/countersign/config.toml` for root
   and `$XDG_CONFIG_HOME/countersign/config.toml` for others, if it exists;
5. the default.

In variables, lists are separated by commas. An unknown `COUNTERSIGN_` variable or key is an error, so that a
misspelling is found at start. `docs/countersign.example.toml` shows every setting in a file.

| setting | variable | default | effect |
|---|---|---|---|
";

/// Returns the default as Markdown: in words, or the plain value of `Config::default`.
fn default_of(setting: &Setting) -> String {
    if !setting.otherwise.is_empty() {
        return setting.otherwise.to_owned();
    }
    let defaults = serde_json::to_value(Config::default()).unwrap_or_default();
    match defaults.pointer(&format!("/{}", setting.key.replace('.', "/"))) {
        Some(Value::String(text)) => format!("`{text}`"),
        Some(value) => format!("`{value}`"),
        None => String::new(),
    }
}

/// Wraps `text` at 100 characters.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    /// Compares, or writes when `COUNTERSIGN_TEST_REWRITE` is set.
    fn compare(path: &str, generated: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("COUNTERSIGN_TEST_REWRITE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, generated).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == generated,
            "{} differs from the catalog; run the tests once with COUNTERSIGN_TEST_REWRITE=1",
            path.display()
        );
    }

    #[test]
    fn the_checked_in_reference_equals_the_generated_one() {
        compare("docs/countersign.example.toml", &example_file());
        compare("docs/configuration.md", &reference_table());
    }

    #[test]
    fn every_example_is_valid_without_its_comment_sign() {
        let uncommented: Vec<_> = example_file()
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting)
                    if SETTINGS.iter().any(|s| {
                        setting.starts_with(&format!("{} = ", s.key.rsplit('.').next().unwrap()))
                    }) =>
                {
                    setting.to_owned()
                }
                _ => line.to_owned(),
            })
            .collect();
        let key = "A".repeat(43);
        let text = uncommented.join("\n").replace("BASE64 OF 32 RANDOM BYTES", &key);
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), &text).unwrap();
        let config =
            Config::load(&Sources { files: vec![file.path().to_owned()], ..Sources::default() }).unwrap();
        assert_eq!(config.issuer(), "https://id.example.com");
        assert_eq!(config.limits.connections, 50_000);
    }
}
