//! The responses to requests that are refused before the parser reads them: problem documents with the header
//! fields of every response. Never repeats what was received.
//! Spec: RFC 9112 §2.2, §3, §5, §6.3; RFC 9457.
//! Called by: `request_head` (reasons), `stream` (responses) and `listener` (connections over the limit).

use crate::{
    entropy::Entropy,
    http::{problem::Problem, request_id::REQUEST_ID, security_headers::SecurityHeaders},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::{net::IpAddr, sync::Arc};

/// The seconds after which a refused connection may be tried again.
const FULL_RETRY_AFTER_SECONDS: u32 = 5;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The head is malformed or ambiguous, with the broken rule for the log.
    Malformed(&'static str),
    /// The request line is too long.
    TargetTooLong,
    /// There are too many header fields, or they are too large.
    HeadTooLarge,
    /// There are as many connections as allowed, in total or from this source.
    Full,
}

impl Refusal {
    /// Returns the status of the response.
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the stable code of the problem document.
    const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_request",
            Self::TargetTooLong | Self::HeadTooLarge => "head_too_large",
            Self::Full => "unavailable",
        }
    }

    /// Returns the sentence for the client's developer.
    const fn detail(self) -> &'static str {
        match self {
            Self::Malformed(_) => {
                "This is not a request of HTTP/1.1 as RFC 9112 writes it, or its end could be read in two ways."
            }
            Self::TargetTooLong => "The address has more than 8192 bytes.",
            Self::HeadTooLarge => "The request has more than 100 header fields, or more than 16 KiB of them.",
            Self::Full => {
                "The server has no free connection for you at the moment. Try again in a few seconds."
            }
        }
    }

    /// Returns the broken rule, for the log.
    const fn reason(self) -> &'static str {
        match self {
            Self::Malformed(reason) => reason,
            Self::TargetTooLong => "the request line is too long",
            Self::HeadTooLarge => "the head is too large",
            Self::Full => "limits.connections or limits.connections_per_source is reached",
        }
    }

    /// Returns the whole response in bytes; the connection ends with it.
    fn response(self, request_id: &str, security_headers: SecurityHeaders) -> Vec<u8> {
        let status = self.status();
        let problem = Problem::new(status, self.code()).detail(self.detail()).request_id(Some(request_id));
        let retry_after = (self == Self::Full).then_some(FULL_RETRY_AFTER_SECONDS);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        security_headers.add("", &mut headers);
        let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
        for (name, value) in &headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&body);
        bytes
    }
}

/// Writes the refusals of one connection.
#[derive(Clone)]
pub(super) struct Refusals {
    /// The source of request ids.
    pub(super) entropy: Arc<dyn Entropy>,
    /// The security headers of every response.
    pub(super) security_headers: SecurityHeaders,
    /// The address of the peer, for the access log.
    pub(super) peer: IpAddr,
}

impl Refusals {
    /// Returns the response to a refused request, and writes the access log.
    pub(super) fn respond(&self, refusal: Refusal) -> Vec<u8> {
        let id = self.entropy.nonce();
        let (status, reason, source) = (refusal.status().as_u16(), refusal.reason(), self.peer);
        tracing::info!(target: "countersign::access", request_id = %id, status, reason, %source);
        refusal.response(&id, self.security_headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_whole_response_with_the_header_fields_of_every_response() {
        for (refusal, status, code) in [
            (Refusal::Malformed("a rule"), "400 Bad Request", "malformed_request"),
            (Refusal::TargetTooLong, "414 URI Too Long", "head_too_large"),
            (Refusal::HeadTooLarge, "431 Request Header Fields Too Large", "head_too_large"),
            (Refusal::Full, "503 Service Unavailable", "unavailable"),
        ] {
            let bytes = refusal.response("an-id", SecurityHeaders { is_https: true });
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{text}");
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            for field in [
                "connection: close",
                "content-type: application/problem+json",
                "x-request-id: an-id",
                "x-content-type-options: nosniff",
                "cache-control: no-store",
                "strict-transport-security: max-age=31536000",
                &format!("content-length: {}", body.len()),
            ] {
                assert_eq!(head.lines().filter(|line| *line == field).count(), 1, "{field} in {head}");
            }
            let document: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(document["code"], code);
            assert_eq!(document["status"], refusal.status().as_u16());
            assert_eq!(document["request_id"], "an-id");
        }
    }
}
