//! A received value, made safe to appear in an error text.

use std::fmt;

/// A received value for error texts: printable ASCII without `"` and `\` (RFC 6749 §5.2), at most 80 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoedValue(String);

impl EchoedValue {
    const MAX_CHARS: usize = 80;

    /// Keeps the allowed characters and replaces the others with `?`.
    pub fn new(text: &str) -> Self {
        let mut shown: String = text.chars().take(Self::MAX_CHARS).map(printable).collect();
        if text.chars().nth(Self::MAX_CHARS).is_some() {
            shown.push_str("...");
        }
        Self(shown)
    }

    /// Returns the text to show.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EchoedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the character, or `?` where RFC 6749 §5.2 does not allow it in a description.
pub(super) fn printable(character: char) -> char {
    if matches!(character, ' '..='~') && !matches!(character, '"' | '\\') { character } else { '?' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_received_text_is_shortened_and_reduced_to_the_characters_of_a_description(text in any::<String>()) {
            let shown = EchoedValue::new(&text);
            prop_assert!(shown.as_str().len() <= 83);
            let is_allowed = |byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            prop_assert!(shown.as_str().bytes().all(is_allowed));
        }
    }

    #[test]
    fn a_harmless_value_is_shown_unchanged() {
        assert_eq!(EchoedValue::new("id_token token").as_str(), "id_token token");
        assert_eq!(EchoedValue::new("a\"b\\c\n\u{e9}").as_str(), "a?b?c??");
    }
}
