//! Problem documents (RFC 9457): `application/problem+json` with a stable `code`. The one writer of them:
//! interfaces add their registers of codes in `web::problem`.

use http::{StatusCode, header};
use poem::Response;
use serde::Serialize;

/// An error response for programs.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// Always `about:blank`: the status gives the kind of problem, `code` the exact one (RFC 9457 §4.2.1).
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    /// A stable code that programs may rely on.
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

impl Problem {
    /// Builds a problem with this status; the meaning of a `code` never changes.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self {
            kind: "about:blank",
            title,
            status,
            code,
            detail: None,
            state: None,
            reason: None,
            request_id: None,
            retry_after_seconds: None,
        }
    }

    /// Adds a sentence: what was received, what was expected, what to do next.
    #[must_use]
    pub fn detail(self, sentence: impl Into<String>) -> Self {
        Self { detail: Some(sentence.into()), ..self }
    }

    /// Adds the current state of the resource, as a stable word.
    #[must_use]
    pub fn state(self, state: Option<&'static str>) -> Self {
        Self { state, ..self }
    }

    /// Adds the rule that was broken, as a stable word.
    #[must_use]
    pub fn reason(self, rule: Option<&'static str>) -> Self {
        Self { reason: rule, ..self }
    }

    /// Adds the id of the request.
    #[must_use]
    pub fn request_id(self, id: Option<&str>) -> Self {
        Self { request_id: id.map(str::to_owned), ..self }
    }

    /// Adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: Option<u32>) -> Self {
        Self { retry_after_seconds: seconds, ..self }
    }

    /// Builds the response.
    pub fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response =
            Response::builder().status(self.status).header(header::CONTENT_TYPE, "application/problem+json");
        if let Some(seconds) = self.retry_after_seconds {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        response.body(body)
    }
}

/// Serializes the status as a number, as RFC 9457 §3.1.2 requires.
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_problem_is_a_document_with_a_stable_code() {
        let problem =
            Problem::new(StatusCode::CONFLICT, "already_claimed").detail("Another phone was first.");
        let response = problem.retry_after(Some(3)).into_response();
        assert_eq!(response.header("retry-after"), Some("3"));
        assert_eq!(response.content_type(), Some("application/problem+json"));
        assert_eq!(
            response.into_body().into_string().await.unwrap(),
            r#"{"type":"about:blank","title":"Conflict","status":409,"code":"already_claimed","detail":"Another phone was first."}"#
        );
    }
}
