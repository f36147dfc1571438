//! Problem documents with the codes of an interface (RFC 9457).

use crate::http::{problem, request_id::RequestId};
use http::{HeaderValue, StatusCode, header};
use poem::{Response, error::ResponseError};
use std::fmt;

/// A code of an interface's problems: stable, and programs branch on it.
pub trait ProblemCode: Copy + fmt::Debug + Send + Sync + 'static {
    /// The authentication scheme in `WWW-Authenticate` of every 401 (RFC 9110 §11.6.1).
    const CHALLENGE: HeaderValue;
    /// All codes.
    const ALL: &'static [Self];
    /// The problems that every operation may return.
    const ALWAYS: &'static [Self];

    /// Returns the value of `code` in a problem document.
    fn word(self) -> &'static str;

    /// Returns the HTTP status of the code.
    fn status(self) -> StatusCode;
}

/// Defines the register of an interface's codes: the scheme of its 401, the problems that every operation may
/// return, and each code with its status and word.
macro_rules! problem_codes {
    (
        challenge = $challenge:literal;
        always = [$($always:ident),* $(,)?];
        $($(#[$doc:meta])+ $name:ident = $status:ident $word:literal;)+
    ) => {
        /// A problem's stable code: programs branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])+ $name,)+ }

        impl $crate::web::problem::ProblemCode for Code {
            const CHALLENGE: ::http::HeaderValue = ::http::HeaderValue::from_static($challenge);
            const ALL: &'static [Self] = &[$(Self::$name,)+];
            const ALWAYS: &'static [Self] = &[$(Self::$always,)*];

            fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            fn status(self) -> ::http::StatusCode {
                match self { $(Self::$name => ::http::StatusCode::$status,)+ }
            }
        }
    };
}
pub(crate) use problem_codes;

/// A problem to respond with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {detail}", code.word())]
pub struct Problem<C: ProblemCode> {
    /// The code.
    pub code: C,
    /// The rule that was broken, as a stable word.
    pub reason: Option<&'static str>,
    detail: Box<str>,
    state: Option<&'static str>,
    retry_after_seconds: Option<u32>,
    allow: Option<HeaderValue>,
    request_id: Option<Box<str>>,
}

impl<C: ProblemCode> Problem<C> {
    /// Creates a problem, with a sentence for the developer of the program that called.
    pub fn new(code: C, detail: impl Into<String>) -> Self {
        Self {
            code,
            reason: None,
            detail: detail.into().into_boxed_str(),
            state: None,
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

    /// Adds the rule that was broken, as a stable word.
    #[must_use]
    pub fn reason(self, rule: &'static str) -> Self {
        Self { reason: Some(rule), ..self }
    }

    /// Adds `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// Adds the request id.
    #[must_use]
    pub fn request_id(self, id: &RequestId) -> Self {
        Self { request_id: Some(id.as_str().into()), ..self }
    }

    /// Adds the methods that the path supports.
    #[must_use]
    pub fn allow(self, methods: HeaderValue) -> Self {
        Self { allow: Some(methods), ..self }
    }
}

impl<C: ProblemCode> ResponseError for Problem<C> {
    fn status(&self) -> StatusCode {
        self.code.status()
    }

    fn as_response(&self) -> Response {
        let status = self.code.status();
        let mut response = problem::Problem::new(status, self.code.word())
            .detail(&*self.detail)
            .state(self.state)
            .reason(self.reason)
            .request_id(self.request_id.as_deref())
            .retry_after(self.retry_after_seconds)
            .into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, C::CHALLENGE);
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

    problem_codes! {
        challenge = "Proof";
        always = [];
        /// The caller is unknown.
        Unknown = UNAUTHORIZED "unknown";
        /// The resource is in another state.
        Closed = CONFLICT "closed";
    }

    #[tokio::test]
    async fn a_problem_document_names_the_code_and_the_state() {
        let response = Problem::new(Code::Closed, "it was answered").state("denied").as_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        assert_eq!(response.header("www-authenticate"), None);
        let body: serde_json::Value = response.into_body().into_json().await.unwrap();
        assert_eq!((&body["code"], &body["state"]), (&"closed".into(), &"denied".into()));
    }

    #[test]
    fn a_problem_of_authentication_names_the_scheme() {
        let response = Problem::new(Code::Unknown, "").as_response();
        assert_eq!(response.header("www-authenticate"), Some("Proof"));
    }
}
