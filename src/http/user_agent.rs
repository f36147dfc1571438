//! The user agent of a request (RFC 9110 §10.1.5), as it is stored and shown.

use crate::limits::sizes::MAX_USER_AGENT_CHARS;
use http::{HeaderValue, header};
use poem::Request;

/// A user agent without control characters and of at most [`MAX_USER_AGENT_CHARS`] characters. Empty when the
/// request has none, and for work that no request caused. Clones share the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserAgent(Option<HeaderValue>);

impl UserAgent {
    /// Removes control characters from the value of a `User-Agent` field, and shortens it.
    pub fn new(field: &str) -> Self {
        let letters = field.chars().filter(|letter| !letter.is_control());
        let text: String = letters.take(MAX_USER_AGENT_CHARS).collect();
        Self(HeaderValue::try_from(text).ok().filter(|text| !text.is_empty()))
    }

    /// Reads the user agent of `request`. A usual one is shared with the request, not copied.
    pub fn of(request: &Request) -> Self {
        let Some(field) = request.headers().get(header::USER_AGENT) else { return Self::default() };
        let is_usual = |byte: &u8| matches!(byte, b' '..=b'~');
        if field.len() <= MAX_USER_AGENT_CHARS && field.as_bytes().iter().all(is_usual) {
            return Self(Some(field.clone()).filter(|field| !field.is_empty()));
        }
        Self::new(field.to_str().unwrap_or_default())
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        let bytes = self.0.as_ref().map_or(&[][..], HeaderValue::as_bytes);
        str::from_utf8(bytes).unwrap_or_default()
    }

    /// Returns it as text; `None` when it is empty.
    pub fn non_empty(&self) -> Option<&str> {
        Some(self.as_str()).filter(|agent| !agent.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_kept_up_to_the_limit_without_control_characters() {
        let longest = "é".repeat(MAX_USER_AGENT_CHARS);
        for (field, expected) in [
            ("Firefox/140.0", "Firefox/140.0"),
            ("Fire\tfox\u{7f}\u{85}", "Firefox"),
            ("", ""),
            (&longest, &longest),
            (&format!("\n{longest}x"), &longest),
        ] {
            assert_eq!(UserAgent::new(field).as_str(), expected);
        }
    }

    #[test]
    fn a_request_without_the_field_has_no_user_agent() {
        let sent = |field: &str| Request::builder().header(header::USER_AGENT, field).finish();
        assert_eq!(UserAgent::of(&Request::default()).non_empty(), None);
        assert_eq!(UserAgent::of(&sent("")).non_empty(), None);
        let longest = "x".repeat(MAX_USER_AGENT_CHARS);
        for (field, expected) in [
            ("curl/8", "curl/8"),
            ("curl\t8", "curl8"),
            (&longest, &longest),
            (&format!("{longest}x"), &longest),
        ] {
            assert_eq!(UserAgent::of(&sent(field)).non_empty(), Some(expected));
        }
    }
}
