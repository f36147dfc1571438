//! Reasons of library errors, in words that are safe to log.
//!
//! Many libraries repeat their input in their errors: an address with its password, a line of a file, a
//! stored value. A [`Fault`](super::Fault) therefore takes only a [`Cause`], and the `From` of each error
//! type decides which part of it is kept. An error type without one does not compile. The `From` stands
//! beside the error type, or for types of other crates in this file and in `storage`.

use std::{error::Error, fs::TryLockError, io};

/// The reason of a failure, without any input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Cause(String);

impl Cause {
    /// A reason in the caller's own words, which contain no received or stored value.
    pub fn in_words(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// The text of an error that repeats no input, followed by the errors that caused it.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(error.source(), |cause| (**cause).source());
        let words: Vec<String> =
            std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect();
        Self(words.join(": "))
    }
}

impl From<&'static str> for Cause {
    fn from(words: &'static str) -> Self {
        Self::in_words(words)
    }
}

/// The operating system's message; it contains no content.
impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::in_words(error.to_string())
    }
}

impl From<TryLockError> for Cause {
    fn from(error: TryLockError) -> Self {
        Self::in_words(error.to_string())
    }
}

/// Position and kind of the error, without the text: the library quotes the input.
impl From<serde_json::Error> for Cause {
    fn from(error: serde_json::Error) -> Self {
        use serde_json::error::Category;
        let what = match error.classify() {
            Category::Io => "the JSON cannot be read or written",
            Category::Syntax => "not JSON",
            Category::Data => "the JSON has another shape than expected",
            Category::Eof => "the JSON ends too early",
        };
        // `serde_json::from_value` reports no line.
        match error.line() {
            0 => Self::in_words(what),
            line => Self::in_words(format!("{what}, at line {line}, column {}", error.column())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_json_is_not_repeated() {
        let wrong = serde_json::from_str::<u32>("\n\"MARK\"").unwrap_err();
        assert!(wrong.to_string().contains("MARK"), "the library quotes it: {wrong}");
        let words = Cause::from(wrong).to_string();
        assert_eq!(words, "the JSON has another shape than expected, at line 2, column 6");
        let wrong = serde_json::from_value::<u32>("MARK".into()).unwrap_err();
        assert_eq!(Cause::from(wrong).to_string(), "the JSON has another shape than expected");
        let broken = serde_json::from_str::<serde_json::Value>("{MARK").unwrap_err();
        assert_eq!(Cause::from(broken).to_string(), "not JSON, at line 1, column 2");
    }

    #[test]
    fn an_error_without_input_is_reported_with_its_sources() {
        #[derive(Debug, thiserror::Error)]
        #[error("the key cannot be read")]
        struct Outer(#[source] io::Error);
        let words = Cause::of(&Outer(io::Error::other("no such file")));
        assert_eq!(words.to_string(), "the key cannot be read: no such file");
    }
}
