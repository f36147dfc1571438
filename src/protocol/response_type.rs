//! `response_type`: only the code flow (RFC 6749 §3.1.1).

/// A response type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseType {
    /// An authorization code.
    Code,
}

impl ResponseType {
    /// All supported response types.
    pub const ALL: [Self; 1] = [Self::Code];

    /// Returns the name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
        }
    }

    /// Reads the value; `None` when it is not supported.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|response_type| response_type.as_str() == text)
    }
}
