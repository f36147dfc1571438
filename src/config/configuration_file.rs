//! Reads configuration files in TOML, and words the error when one cannot be read.
//!
//! An error names the file, the line and, if known, the setting. It never quotes the line, because the line
//! may hold a secret; the parser's own display would. Called by `layers`.

use super::{
    catalog::SETTINGS,
    value::{self, Table},
};
use std::path::Path;
use toml::de::DeTable;

/// Reads the file at `path`.
///
/// # Errors
/// One sentence if the file cannot be opened, is not UTF-8 or not TOML.
pub(super) fn read(path: &Path) -> Result<Table, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    match DeTable::parse(&text) {
        Ok(table) => Ok(value::from_toml(table.into_inner(), &path.into())),
        Err(error) => Err(not_toml(path, &text, &error)),
    }
}

/// Words the parser's error about `text`, the content of the file at `path`.
fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let number = before.matches('\n').count();
    let setting = setting_of(text.lines().nth(number).unwrap_or_default());
    let about = setting.map(|name| format!(" at `{name}`")).unwrap_or_default();
    // The first line of the message quotes nothing from the file; the following ones draw the place.
    let what = match (error.message().lines().next().unwrap_or_default(), setting) {
        ("duplicate key", Some(name)) => format!("duplicate key `{name}`"),
        (what, _) => what.to_owned(),
    };
    format!(
        "{}, line {}{about}: this is not TOML ({what}); a text stands in double quotes, for example log_level = \"info\"",
        path.display(),
        number + 1
    )
}

/// Returns the setting at the beginning of a line of a file. Only known names are returned: an unknown one
/// may be part of a secret.
fn setting_of(line: &str) -> Option<&'static str> {
    let name = line.split('=').next()?.trim();
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    SETTINGS.iter().map(|setting| last(setting.key)).find(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Sources};

    /// Returns the error for a file with this content.
    fn refusal(content: &str) -> String {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), content).unwrap();
        let sources = Sources { files: vec![file.path().to_owned()], ..Sources::default() };
        let refusal = Config::load(&sources).unwrap_err().to_string();
        assert!(refusal.contains(file.path().to_str().unwrap()), "{refusal}");
        refusal
    }

    #[test]
    fn an_error_names_the_line_and_does_not_quote_it() {
        for (content, place) in [
            ("database_url = \"postgres://u:MARK@h/d", "line 1 at `database_url`"),
            ("log_level = \"info\"\ndatabase_url = postgres://u:MARK@h/d", "line 2 at `database_url`"),
            ("encryption_key = MARK", "line 1 at `encryption_key`"),
            ("encryption_key = 'MARK'MARK", "line 1 at `encryption_key`"),
            ("encryption_key = \"\\MARK\"", "line 1 at `encryption_key`"),
            ("encryption_key = {MARK", "line 1 at `encryption_key`"),
            ("database_url = MARK://u\ndatabase_url.MARK = 1", "line 1 at `database_url`"),
            ("\n\nMARK", "line 3"),
            ("encryption_key = \"a\"\nencryption_key = \"MARK\"", "duplicate key `encryption_key`"),
        ] {
            let refusal = refusal(content);
            assert!(refusal.contains(place) && !refusal.contains("MARK"), "{content}: {refusal}");
        }
    }

    #[test]
    fn the_value_of_a_secret_of_the_wrong_type_is_not_repeated() {
        for content in [
            "database_url = [\"MARK\"]",
            "encryption_key = { MARK = 1 }",
            "encryption_key = 4711",
            "encryption_key = 47110000000000000000000000000000000000000000",
            "encryption_key = 4711.5e999",
            "encryption_key = 4711-01-01",
            "[database_url]\nurl = \"MARK\"",
        ] {
            let refusal = refusal(content);
            assert!(refusal.contains("expected a text in double quotes"), "{refusal}");
            assert!(!refusal.contains("MARK") && !refusal.contains("4711"), "{content}: {refusal}");
        }
    }

    #[test]
    fn another_value_is_repeated_after_redaction() {
        let wrong = refusal("migrate = \"sometimes\"");
        assert!(wrong.contains("found `sometimes`, expected one of `auto`, `check`, `off`"), "{wrong}");
        let wrong = refusal("migrate = \"postgres://u:MARK@h/d\"\n");
        assert!(wrong.contains("postgres://…@h/d") && !wrong.contains("MARK"), "{wrong}");
        let wrong = refusal("[limits]\nconnections = \"many\"");
        assert!(wrong.contains("limits.connections in ") && wrong.contains("the text `many`"), "{wrong}");
    }
}
