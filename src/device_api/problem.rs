//! Problem documents: one register of codes and the error response made from it (RFC 9457).

use crate::{http::request_id::RequestId, outbox::guard::RefusedEndpoint};
use http::{HeaderValue, StatusCode, header};
use poem::{Response, error::ResponseError};

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $status:ident $word:literal;)+) => {
        /// A problem's stable code: programs branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])+ $name,)+ }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the value of `code` in a problem document.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// Returns the HTTP status of the code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }
        }
    };
}

codes! {
    /// Malformed JSON, or a missing or ill-formed member.
    InvalidRequest = BAD_REQUEST "invalid_request";
    /// The answer is ill-formed, or names a binding that is not offered.
    InvalidAnswer = BAD_REQUEST "invalid_answer";
    /// `chn` or `dh` does not belong to this challenge.
    AnswerMismatch = BAD_REQUEST "answer_mismatch";
    /// The proof's nonce is missing or old.
    UseNonce = UNAUTHORIZED "use_nonce";
    /// No proof, or it does not fit the request.
    InvalidProof = UNAUTHORIZED "invalid_proof";
    /// No such key, or a wrong signature; deliberately indistinguishable.
    DeviceUnknown = UNAUTHORIZED "device_unknown";
    /// The proof is valid, but the device was removed.
    DeviceRevoked = UNAUTHORIZED "device_revoked";
    /// The device's state does not allow this.
    DeviceNotActive = FORBIDDEN "device_not_active";
    /// No open enrollment of this kind.
    EnrollmentUnknown = NOT_FOUND "enrollment_unknown";
    /// No such challenge, or it was not sent to this device.
    ChallengeUnknown = NOT_FOUND "challenge_unknown";
    /// No such path.
    NotFound = NOT_FOUND "not_found";
    /// The path does not support the method.
    MethodNotAllowed = METHOD_NOT_ALLOWED "method_not_allowed";
    /// Another key claimed this enrollment first.
    AlreadyClaimed = CONFLICT "already_claimed";
    /// The enrollment is past this step.
    EnrollmentClosed = CONFLICT "enrollment_closed";
    /// The challenge was answered or withdrawn.
    ChallengeClosed = CONFLICT "challenge_closed";
    /// A newer counter has set the transport.
    StaleTransport = CONFLICT "stale_transport";
    /// The device has no transport to test.
    NoTransport = CONFLICT "no_transport";
    /// The device already has a credential for user verification.
    CredentialExists = CONFLICT "credential_exists";
    /// The old key is no longer the device's, or the new one is in use.
    KeyConflict = CONFLICT "key_conflict";
    /// The enrollment has expired.
    EnrollmentExpired = GONE "enrollment_expired";
    /// The challenge has expired.
    ChallengeExpired = GONE "challenge_expired";
    /// The body is larger than this call takes.
    TooLarge = PAYLOAD_TOO_LARGE "too_large";
    /// The body is not `application/json`.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type";
    /// The typed number is wrong.
    NumberMismatch = UNPROCESSABLE_ENTITY "number_mismatch";
    /// User verification is required.
    UvRequired = UNPROCESSABLE_ENTITY "uv_required";
    /// The user verification is not valid.
    UvInvalid = UNPROCESSABLE_ENTITY "uv_invalid";
    /// The server's rules forbid calls to the push endpoint.
    EndpointRefused = UNPROCESSABLE_ENTITY "endpoint_refused";
    /// Rate limited: wait for `Retry-After`.
    TooManyRequests = TOO_MANY_REQUESTS "too_many_requests";
    /// Temporarily unavailable: wait, then repeat the same bytes.
    Unavailable = SERVICE_UNAVAILABLE "unavailable";
}

/// A problem to respond with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", code.word())]
pub struct Problem {
    /// The code.
    pub code: Code,
    detail: String,
    state: Option<&'static str>,
    refused: Option<RefusedEndpoint>,
    retry_after_seconds: Option<u32>,
    allow: Option<HeaderValue>,
    request_id: Option<String>,
}

impl Problem {
    /// Creates a problem, with a sentence for the authenticator's developer.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            state: None,
            refused: None,
            retry_after_seconds: None,
            allow: None,
            request_id: None,
        }
    }

    /// Adds the current state of the resource.
    #[must_use]
    pub fn state(self, state: &'static str) -> Self {
        Self { state: Some(state), ..self }
    }

    /// Adds the rule that forbids a push endpoint.
    #[must_use]
    pub fn reason(self, rule: RefusedEndpoint) -> Self {
        Self { refused: Some(rule), ..self }
    }

    /// Returns the rule that forbids the push endpoint, if that is the problem.
    pub fn refused_endpoint(&self) -> Option<RefusedEndpoint> {
        self.refused
    }

    /// Adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// Adds the request id.
    #[must_use]
    pub fn request_id(self, id: &RequestId) -> Self {
        Self { request_id: Some(id.as_str().to_owned()), ..self }
    }

    /// Adds the methods that the path supports.
    #[must_use]
    pub fn allow(self, methods: HeaderValue) -> Self {
        Self { allow: Some(methods), ..self }
    }
}

/// The JSON of a problem document (RFC 9457 §3.1).
#[derive(serde::Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.code.status()
    }

    fn as_response(&self) -> Response {
        let status = self.status();
        let document = Document {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code: self.code.word(),
            detail: &self.detail,
            state: self.state,
            reason: self.refused.map(RefusedEndpoint::word),
            request_id: self.request_id.as_deref(),
        };
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "application/problem+json")
            .body(serde_json::to_vec(&document).unwrap_or_default());
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Device-Proof"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(methods) = &self.allow {
            headers.insert(header::ALLOW, methods.clone());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_the_protocols_table_is_in_the_register_with_its_status() {
        let document = include_str!("../../docs/authenticator-protocol.md");
        let written: BTreeSet<(u16, &str)> = document
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| ")?.split(" | ");
                let status = cells.next()?.parse().ok()?;
                Some((status, cells.next()?.trim_matches('`')))
            })
            .collect();
        let known = Code::ALL.iter().map(|code| (code.status().as_u16(), code.word())).collect();
        assert_eq!(written, known, "left: docs/authenticator-protocol.md; right: the register");
    }

    #[tokio::test]
    async fn a_problem_document_names_the_code_and_the_state() {
        let response = Problem::new(Code::ChallengeClosed, "it was answered").state("denied").as_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.content_type(), Some("application/problem+json"));
        let body: serde_json::Value = response.into_body().into_json().await.unwrap();
        assert_eq!((&body["code"], &body["state"]), (&"challenge_closed".into(), &"denied".into()));
        let unproven = Problem::new(Code::UseNonce, "").as_response();
        assert_eq!(unproven.header("www-authenticate"), Some("Device-Proof"));
    }
}
