//! The body of an error response: a page for browsers, a problem document for other clients.

use crate::http::{problem::Problem, request_id::RequestId};
use http::{StatusCode, header};
use poem::Response;

/// An error response before its format is chosen.
#[derive(Clone, Debug)]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable code that programs may rely on.
    pub code: &'static str,
    /// One sentence for the recipient.
    pub detail: String,
    /// The id of the request.
    pub request_id: RequestId,
    /// The number of seconds after which a retry makes sense.
    pub retry_after_seconds: Option<u32>,
}

/// Renders error pages. The theme's pages replace [`PlainPage`] when the application is assembled.
pub trait ErrorBody: Send + Sync + 'static {
    /// Renders an HTML response; status, `Retry-After` and the common headers are added to it.
    fn page(&self, refused: &ErrorResponse) -> Response;
}

/// A page without styles.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainPage;

impl ErrorBody for PlainPage {
    fn page(&self, refused: &ErrorResponse) -> Response {
        // Title, code and id have harmless characters; the detail may quote received text and is escaped.
        let page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <h1>{title}</h1>\n<p>{detail}</p>\n<p>Request: <code>{id}</code></p>\n</html>\n",
            title = refused.status.canonical_reason().unwrap_or("Error"),
            detail = escaped(&refused.detail),
            id = escaped(refused.request_id.as_str()),
        );
        Response::builder().content_type("text/html; charset=utf-8").body(page)
    }
}

impl ErrorResponse {
    /// Builds the error of a status, with its code and sentence.
    pub fn of_status(status: StatusCode, request_id: RequestId) -> Self {
        let (code, sentence) = words(status);
        Self { status, code, detail: sentence.to_owned(), request_id, retry_after_seconds: None }
    }

    /// Builds the response for a client that accepts `accept`.
    pub(super) fn into_response(self, accept: Option<&str>, pages: &dyn ErrorBody) -> Response {
        if !accept.is_some_and(|accept| accept.contains("text/html")) {
            let problem = Problem::new(self.status, self.code).detail(self.detail);
            return problem
                .request_id(Some(self.request_id.as_str()))
                .retry_after(self.retry_after_seconds)
                .into_response();
        }
        let mut page = pages.page(&self);
        page.set_status(self.status);
        if let Some(seconds) = self.retry_after_seconds {
            page.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        page
    }
}

/// Returns the stable code and the sentence of a status.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        400 => (
            "invalid_request",
            "The request is malformed: expected one well-formed Host, a path as target, and a body that is whole.",
        ),
        403 => ("forbidden", "This request is not allowed."),
        404 => ("not_found", "There is nothing at this address."),
        405 => (
            "method_not_allowed",
            "This address does not know that method; the Allow header lists those it knows.",
        ),
        408 => ("request_timeout", "The request's body did not arrive in time."),
        413 => ("body_too_large", "The request's body is larger than this server accepts."),
        414 => ("url_too_long", "The address has more than 8192 bytes."),
        415 => ("unsupported_media_type", "The request's body is of a type that is not understood here."),
        429 => (
            "too_many_requests",
            "There were too many attempts from your network. Wait a while and try again.",
        ),
        431 => {
            ("headers_too_large", "The request has more than 100 header fields, or more than 16 KiB of them.")
        }
        503 => ("unavailable", "The server cannot answer at the moment. Try again in a few seconds."),
        _ if status.is_client_error() => ("request_refused", "The request was refused."),
        _ => (
            "internal_error",
            "Something went wrong here. The operator finds it in the log by the request's id.",
        ),
    }
}

/// Escapes text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use crate::http::source::Source;

    fn refused(detail: &str) -> ErrorResponse {
        let source = Source { address: [127, 0, 0, 1].into(), is_proxied: false };
        let id = RequestId::assign(&poem::Request::default(), &source, &SystemEntropy);
        ErrorResponse { detail: detail.to_owned(), ..ErrorResponse::of_status(StatusCode::BAD_REQUEST, id) }
    }

    #[tokio::test]
    async fn a_browser_gets_a_page_that_escapes_received_text() {
        let response = refused("got <script>").into_response(Some("text/html,*/*;q=0.8"), &PlainPage);
        assert_eq!(response.status(), 400);
        let page = response.into_body().into_string().await.unwrap();
        assert!(page.contains("got &lt;script&gt;"), "{page}");
    }

    #[tokio::test]
    async fn other_clients_get_a_problem_document() {
        for accept in [None, Some("*/*"), Some("application/json")] {
            let response = refused("got this").into_response(accept, &PlainPage);
            assert_eq!(response.content_type(), Some("application/problem+json"));
            assert!(
                response.into_body().into_string().await.unwrap().contains(r#""code":"invalid_request""#)
            );
        }
    }
}
