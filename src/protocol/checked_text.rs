//! Validated text: parsing is the only constructor, for requests and for stored values alike.

/// Declares a newtype over text with its check. Types that may be logged derive `Debug` at their declaration.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the text; `None` when it fails the check.
            pub fn parse(text: &str) -> Option<Self> {
                ($check)(text).then(|| Self(text.to_owned()))
            }

            /// Returns the text as it was sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::protocol::MalformedText;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text).ok_or(crate::protocol::MalformedText { expected: stringify!($name) })
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use checked_text;

/// A stored text that fails the check of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a well-formed {expected}")]
pub struct MalformedText {
    /// The type that was expected.
    pub expected: &'static str,
}

/// Whether `text` has 1 to `limit` bytes and no control characters.
pub(super) fn is_plain(text: &str, limit: usize) -> bool {
    !text.is_empty() && text.len() <= limit && !text.chars().any(char::is_control)
}

/// Whether every character is allowed in a scope token or an `acr` value (`NQCHAR`, RFC 6749 appendix A).
pub(super) fn is_nqchar(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}
