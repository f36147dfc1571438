//! The error for a value of the wrong type: names the setting, its file, what was found and what was
//! expected.
//!
//! Never repeats the value of a secret setting, and other values only redacted. Made by `deserializer`.

use super::{
    catalog::{Kind, SETTINGS},
    redaction::redacted,
    value::Origin,
};
use serde::de::{self, Expected, Unexpected};
use std::fmt;

/// Why a value cannot be read. Displayed as one sentence without the value of a secret.
pub(super) struct ReadError {
    /// The names that lead to the value; positions in lists count from 0.
    path: Vec<String>,
    origin: Option<Origin>,
    sentence: String,
}

impl ReadError {
    /// Adds the name under which the value stands; the innermost origin is kept.
    pub(super) fn under(mut self, name: &str, origin: Option<&Origin>) -> Self {
        self.path.insert(0, name.to_owned());
        self.origin = self.origin.or_else(|| origin.cloned());
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.path.join(".");
        formatter.write_str(&key)?;
        if let Some(Origin::File(path)) = &self.origin {
            write!(formatter, " in {}", path.display())?;
        }
        // A value inside a table or list that stands in place of the secret counts as the secret.
        let is_in = |secret: &str| key == secret || key.starts_with(&format!("{secret}."));
        if SETTINGS.iter().any(|setting| setting.kind == Kind::Secret && is_in(setting.key)) {
            return formatter.write_str(": expected a text in double quotes; what was found is not repeated");
        }
        write!(formatter, ": {}", self.sentence)
    }
}

/// As displayed, without the value of a secret.
impl fmt::Debug for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(sentence: T) -> Self {
        Self { path: Vec::new(), origin: None, sentence: sentence.to_string().trim_end().to_owned() }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Str(text) => format!("the text `{}`", redacted(text)),
            Unexpected::Char(_) | Unexpected::Bytes(_) => "a text".to_owned(),
            other => other.to_string(),
        };
        Self::custom(format_args!("found {found}, expected {expected}"))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format_args!("found `{}`, expected {}", redacted(found), OneOf(known)))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format_args!("unknown field: found `{}`, expected {}", redacted(found), OneOf(known)))
    }
}

/// Displays alternatives: "`a` or `b`", "one of `a`, `b`, `c`".
pub(super) struct OneOf(pub(super) &'static [&'static str]);

impl fmt::Display for OneOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [one] => write!(formatter, "`{one}`"),
            [one, other] => write!(formatter, "`{one}` or `{other}`"),
            all => write!(formatter, "one of `{}`", all.join("`, `")),
        }
    }
}

impl Expected for OneOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
