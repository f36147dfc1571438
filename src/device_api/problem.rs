//! What a device is told instead of an answer: one register of codes (RFC 9457).

use crate::http::request_id::RequestId;
use http::{HeaderValue, StatusCode, header};
use poem::{Response, error::ResponseError};

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $status:ident $word:literal;)+) => {
        /// A problem's stable code: programs branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])+ $name,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As it stands in a problem document.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The status that it comes with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }
        }
    };
}

codes! {
    /// Malformed JSON, or a member is missing or ill-formed.
    InvalidRequest = BAD_REQUEST "invalid_request";
    /// The answer is ill-formed, or names a way that is not offered.
    InvalidAnswer = BAD_REQUEST "invalid_answer";
    /// `chn` or `dh` is not this challenge's.
    AnswerMismatch = BAD_REQUEST "answer_mismatch";
    /// The proof's nonce is missing or old.
    UseNonce = UNAUTHORIZED "use_nonce";
    /// No proof, or it does not fit the request.
    InvalidProof = UNAUTHORIZED "invalid_proof";
    /// No such key, or the signature is wrong; deliberately one.
    DeviceUnknown = UNAUTHORIZED "device_unknown";
    /// The key was proven and its device is removed.
    DeviceRevoked = UNAUTHORIZED "device_revoked";
    /// The device's state does not allow this.
    DeviceNotActive = FORBIDDEN "device_not_active";
    /// No open enrollment of this kind.
    EnrollmentUnknown = NOT_FOUND "enrollment_unknown";
    /// No such challenge, or it was not sent to this device.
    ChallengeUnknown = NOT_FOUND "challenge_unknown";
    /// No such path.
    NotFound = NOT_FOUND "not_found";
    /// The path does not know the method.
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
    /// The device has a credential for user verification.
    CredentialExists = CONFLICT "credential_exists";
    /// The old key is no longer the device's, or the new one is in use.
    KeyConflict = CONFLICT "key_conflict";
    /// The enrollment's time is over.
    EnrollmentExpired = GONE "enrollment_expired";
    /// The challenge's time is over.
    ChallengeExpired = GONE "challenge_expired";
    /// The body is larger than this call takes.
    TooLarge = PAYLOAD_TOO_LARGE "too_large";
    /// The body is not `application/json`.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type";
    /// The typed number is wrong.
    NumberMismatch = UNPROCESSABLE_ENTITY "number_mismatch";
    /// The user must be verified.
    UvRequired = UNPROCESSABLE_ENTITY "uv_required";
    /// The user verification does not verify.
    UvInvalid = UNPROCESSABLE_ENTITY "uv_invalid";
    /// This server may not call the endpoint.
    EndpointRefused = UNPROCESSABLE_ENTITY "endpoint_refused";
    /// Wait.
    TooManyRequests = TOO_MANY_REQUESTS "too_many_requests";
    /// Wait, then repeat the same bytes.
    Unavailable = SERVICE_UNAVAILABLE "unavailable";
}

/// A problem, on its way to becoming an answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", code.word())]
pub struct Problem {
    /// Which.
    pub code: Code,
    detail: String,
    state: Option<&'static str>,
    retry_after_seconds: Option<u32>,
    allow: Option<HeaderValue>,
    request_id: Option<String>,
}

impl Problem {
    /// A problem, with a sentence for the authenticator's developer.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            state: None,
            retry_after_seconds: None,
            allow: None,
            request_id: None,
        }
    }

    /// With where the thing asked about stands.
    #[must_use]
    pub fn state(self, state: &'static str) -> Self {
        Self { state: Some(state), ..self }
    }

    /// With `Retry-After`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// With the name of the request.
    #[must_use]
    pub fn request_id(self, id: &RequestId) -> Self {
        Self { request_id: Some(id.as_str().to_owned()), ..self }
    }

    /// With the methods that the path knows.
    #[must_use]
    pub fn allow(self, methods: HeaderValue) -> Self {
        Self { allow: Some(methods), ..self }
    }
}

/// As it travels (RFC 9457 §3.1).
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
    async fn a_refusal_is_a_problem_document_that_says_where_things_stand() {
        let response = Problem::new(Code::ChallengeClosed, "it was answered").state("denied").as_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.content_type(), Some("application/problem+json"));
        let body: serde_json::Value = response.into_body().into_json().await.unwrap();
        assert_eq!((&body["code"], &body["state"]), (&"challenge_closed".into(), &"denied".into()));
        let unproven = Problem::new(Code::UseNonce, "").as_response();
        assert_eq!(unproven.header("www-authenticate"), Some("Device-Proof"));
    }
}
