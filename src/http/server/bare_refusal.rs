//! What the parser answers by itself to what it cannot read: a status and nothing else. Here it is given words, and the
//! fields that every answer of the house has.

use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::http::security_headers::SecurityHeaders;

/// An answer with words, on its way out in the place of a bare one.
#[derive(Debug)]
pub(super) struct Worded {
    bytes: Vec<u8>,
    written: usize,
}

impl Worded {
    /// In the place of `bytes`, if they are one bare refusal and nothing else.
    pub(super) fn instead_of(bytes: &[u8]) -> Option<Self> {
        let head = std::str::from_utf8(bytes.strip_prefix(b"HTTP/1.1 ")?.strip_suffix(b"\r\n\r\n")?).ok()?;
        let mut lines = head.split("\r\n");
        let status: StatusCode = lines.next()?.get(..3)?.parse().ok()?;
        let is_bare = lines.all(|line| {
            line == "connection: close" || line == "content-length: 0" || line.starts_with("date: ")
        });
        let detail = words(status).filter(|_| is_bare)?;
        Some(Self { bytes: answer(status, detail).into_bytes(), written: 0 })
    }

    /// What is still to be written; empty when all is.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    /// So many bytes more have been written.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
    }
}

/// What is wrong, for the statuses that the parser knows.
const fn words(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::BAD_REQUEST => Some(
            "This is not a request of HTTP/1.1 as RFC 9112 writes it, or its end could be read in two ways.",
        ),
        StatusCode::URI_TOO_LONG => Some("The address has more than 8192 bytes."),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Some("The request has more than 100 header fields, or more than 16 KiB of them.")
        }
        _ => None,
    }
}

fn answer(status: StatusCode, detail: &str) -> String {
    let title = status.canonical_reason().unwrap_or_default();
    let code = if status == StatusCode::BAD_REQUEST { "malformed_request" } else { "head_too_large" };
    let status = status.as_u16();
    let body =
        json!({ "type": "about:blank", "status": status, "title": title, "code": code, "detail": detail })
            .to_string();
    let mut headers = HeaderMap::new();
    SecurityHeaders { is_https: false }.add("", &mut headers);
    let mut text =
        format!("HTTP/1.1 {status} {title}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    text.push_str("content-type: application/problem+json\r\n");
    for (name, value) in &headers {
        let value = value.to_str().unwrap_or_default();
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n" + &body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_refusal_is_given_words_and_whatever_else_is_left_alone() {
        for status in ["400 Bad Request", "414 URI Too Long", "431 Request Header Fields Too Large"] {
            let bare = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\ndate: Tue, 24 Nov 2026\r\n\r\n"
            );
            let mut worded = Worded::instead_of(bare.as_bytes()).unwrap();
            let text = String::from_utf8(worded.rest().to_vec()).unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
            assert!(text.contains("\r\nx-content-type-options: nosniff\r\n"), "{text}");
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}", body.len())), "{text}");
            worded.advance(text.len());
            assert_eq!(worded.rest(), b"");
        }
        for ours in [
            "HTTP/1.1 400 Bad Request\r\nx-request-id: a\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "400",
        ] {
            assert!(Worded::instead_of(ours.as_bytes()).is_none(), "{ours}");
        }
    }
}
