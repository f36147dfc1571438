//! Configuration files in TOML, and the words for one that cannot be used.
//!
//! The libraries that read a file quote the line or the value that they stumble over. Here a problem is said by its
//! file, line and setting, and only a value of a setting that is no secret is repeated.

use super::{
    catalog::{Kind as SettingKind, SETTINGS, setting},
    redaction::redacted,
};
use figment::{
    error::{Actual, Kind, OneOf},
    providers::{Format, Toml},
    value::Dict,
};
use std::path::Path;

/// Whether the file at `path` is TOML; otherwise one sentence with the line and, where it can be told, the setting.
///
/// # Errors
/// When it cannot be opened, is not UTF-8 or not TOML.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    let Err(error) = <Toml as Format>::from_str::<Dict>(&text) else { return Ok(()) };
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default();
    let about = setting_of(line).map(|name| format!(" at `{name}`")).unwrap_or_default();
    // Names keys at most, never values; without the lines that draw the place.
    let what = error.message().lines().next().unwrap_or_default();
    Err(format!(
        "{shown}, line {}{about}: this is not TOML ({what}); a text stands in double quotes, for example log_level = \
         \"info\"",
        number + 1
    ))
}

/// The setting that a line of a file begins with.
fn setting_of(line: &str) -> Option<&'static str> {
    let name = line.split('=').next()?.trim();
    let last = |key: &'static str| key.rsplit('.').next().unwrap_or(key);
    SETTINGS.iter().map(|setting| last(setting.key)).find(|known| *known == name)
}

/// What figment has to say, one sentence each: which key, what was found, in which file.
pub(super) fn sentences(errors: figment::Error) -> Vec<String> {
    errors
        .into_iter()
        .map(|error| {
            let source = error.metadata.as_ref().and_then(|metadata| metadata.source.as_ref());
            // The library shortens a path to how it looks from the working folder; an operator needs the whole one.
            let file = source.and_then(figment::Source::file_path).map(|path| path.display().to_string());
            let key = Some(error.path.join(".")).filter(|key| !key.is_empty());
            let is_secret =
                key.as_deref().and_then(setting).is_some_and(|setting| setting.kind == SettingKind::Secret);
            let what = if is_secret {
                "expected a text in double quotes; what was found is not repeated".to_owned()
            } else {
                in_words(&error.kind)
            };
            let place = match (key, file) {
                (Some(key), Some(file)) => format!("{key} in {file}"),
                (None, Some(file)) => file,
                (key, None) => key.unwrap_or_default(),
            };
            format!("{place}: {what}")
        })
        .collect()
}

/// What is wrong with a value of a setting that is no secret.
fn in_words(kind: &Kind) -> String {
    match kind {
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("found {}, expected {expected}", found_in_words(found))
        }
        Kind::UnknownVariant(found, known) => {
            format!("found `{}`, expected {}", redacted(found), OneOf(known))
        }
        Kind::UnknownField(found, known) => {
            format!("unknown field: found `{}`, expected {}", redacted(found), OneOf(known))
        }
        // From the types of the settings, which write their own sentences.
        Kind::Message(sentence) => sentence.trim_end().to_owned(),
        other => other.to_string(),
    }
}

fn found_in_words(found: &Actual) -> String {
    match found {
        Actual::Str(text) | Actual::Other(text) => format!("the text `{}`", redacted(text)),
        Actual::Char(_) | Actual::Bytes(_) => "a text".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Sources};

    /// What is said of a file with this content.
    fn refusal(content: &str) -> String {
        let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
        std::fs::write(file.path(), content).unwrap();
        let sources = Sources { files: vec![file.path().to_owned()], ..Sources::default() };
        let refusal = Config::load(&sources).unwrap_err().to_string();
        assert!(refusal.contains(file.path().to_str().unwrap()), "{refusal}");
        refusal
    }

    #[test]
    fn a_line_that_is_not_toml_is_named_and_not_quoted() {
        for (content, place) in [
            ("database_url = \"postgres://u:MARK@h/d", "line 1 at `database_url`"),
            ("log_level = \"info\"\ndatabase_url = postgres://u:MARK@h/d", "line 2 at `database_url`"),
            ("encryption_key = MARK", "line 1 at `encryption_key`"),
            ("encryption_key = 'MARK'MARK", "line 1 at `encryption_key`"),
            ("\n\nMARK", "line 3"),
            ("encryption_key = \"a\"\nencryption_key = \"MARK\"", "duplicate key `encryption_key`"),
        ] {
            let refusal = refusal(content);
            assert!(refusal.contains(place) && !refusal.contains("MARK"), "{content}: {refusal}");
        }
    }

    #[test]
    fn a_secret_of_another_type_is_named_and_not_repeated() {
        for content in [
            "database_url = [\"MARK\"]",
            "encryption_key = { MARK = 1 }",
            "encryption_key = 4711",
            "[database_url]\nurl = \"MARK\"",
        ] {
            let refusal = refusal(content);
            assert!(refusal.contains("expected a text in double quotes"), "{refusal}");
            assert!(!refusal.contains("MARK") && !refusal.contains("4711"), "{content}: {refusal}");
        }
    }

    #[test]
    fn a_value_that_is_no_secret_is_repeated_without_what_looks_like_one() {
        let wrong = refusal("migrate = \"sometimes\"");
        assert!(wrong.contains("found `sometimes`, expected one of `auto`, `check`, `off`"), "{wrong}");
        let wrong = refusal("migrate = \"postgres://u:MARK@h/d\"\n");
        assert!(wrong.contains("postgres://…@h/d") && !wrong.contains("MARK"), "{wrong}");
        let wrong = refusal("[limits]\nconnections = \"many\"");
        assert!(wrong.contains("limits.connections in ") && wrong.contains("the text `many`"), "{wrong}");
    }
}
