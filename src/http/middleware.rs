//! The middleware around every handler: request id, source, limits, and a response in every case.

use crate::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    fault::Fault,
    http::{
        body_limit::BodyLimit,
        error_body::{ErrorBody, ErrorResponse},
        fault::retry_after_seconds,
        fields::elements,
        head,
        methods::MethodNotAllowed,
        request_id::{REQUEST_ID, RequestId},
        security_headers::SecurityHeaders,
        source::{Forwarding, Source},
        time_limit::TimeLimit,
    },
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hyper::body::Body;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// Applies request ids, limits, security headers and the access log to every request.
#[derive(Clone)]
pub struct Pipeline(Arc<PipelineConfig>);

/// The parts of the middleware.
pub struct PipelineConfig {
    /// Measures durations for the log and deadlines.
    pub clock: Arc<dyn Clock>,
    /// Generates request ids.
    pub entropy: Arc<dyn Entropy>,
    /// The proxies whose forwarding headers are trusted.
    pub forwarding: Forwarding,
    /// The headers of every response.
    pub security_headers: SecurityHeaders,
    /// Limits the size and the duration of request bodies.
    pub body_limit: BodyLimit,
    /// Limits the duration of handlers.
    pub time_limit: TimeLimit,
    /// The body of error responses for browsers.
    pub error_body: Arc<dyn ErrorBody>,
}

/// Marks a HEAD request in its data: its handler must have no side effects.
#[derive(Clone, Copy, Debug)]
pub struct OnlyHead;

/// The values of a request that are needed after its handler has consumed it.
struct RequestRecord {
    method: Method,
    path: String,
    accept: Option<String>,
    source: Source,
    id: RequestId,
    at: Timestamp,
}

impl Pipeline {
    /// Creates the middleware from its parts.
    pub fn new(config: PipelineConfig) -> Self {
        Self(Arc::new(config))
    }
}

impl<E: Endpoint> Middleware<E> for Pipeline {
    type Output = PipelineEndpoint<E>;

    fn transform(&self, inner: E) -> PipelineEndpoint<E> {
        PipelineEndpoint { config: Arc::clone(&self.0), inner }
    }
}

/// Wraps the router; every request gets a response, also on error or panic.
pub struct PipelineEndpoint<E> {
    config: Arc<PipelineConfig>,
    inner: E,
}

impl<E: Endpoint> Endpoint for PipelineEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let record = self.config.receive(&mut request);
        let config = &self.config;
        let mut response = match config.bound(&mut request).await {
            Err(status) => config.refuse(status, &record),
            Ok(()) if head::is_ping(&request) => StatusCode::NO_CONTENT.into_response(),
            Ok(()) => {
                let handler =
                    config.time_limit.hold(&record.path, config.clock.as_ref(), self.inner.call(request));
                match AssertUnwindSafe(handler).catch_unwind().await {
                    Ok(Ok(response)) => response.into_response(),
                    Ok(Err(error)) => config.answer_error(error, &record),
                    Err(_) => config.answer_panic(&record),
                }
            }
        };
        config.finish(&record, &mut response);
        Ok(response)
    }
}

impl PipelineConfig {
    /// Assigns the request id and determines the source. A HEAD request is handled as a GET, and its body is
    /// removed at the end.
    fn receive(&self, request: &mut Request) -> RequestRecord {
        let at = self.clock.now();
        let source = self.forwarding.source_of(request, at);
        let id = RequestId::assign(request, &source, self.entropy.as_ref());
        let record = RequestRecord {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            accept: accepted(request.headers()),
            source,
            id: id.clone(),
            at,
        };
        request.set_data(source);
        request.set_data(id);
        if record.method == Method::HEAD {
            request.set_method(Method::GET);
            request.set_data(OnlyHead);
        }
        record
    }

    /// Enforces the limits of head and body.
    async fn bound(&self, request: &mut Request) -> Result<(), StatusCode> {
        match head::refusal(request) {
            Some(status) => Err(status),
            None => self.body_limit.apply(request, self.clock.as_ref()).await,
        }
    }

    /// Responds with the standard text of a status.
    fn refuse(&self, status: StatusCode, record: &RequestRecord) -> Response {
        self.render(ErrorResponse::of_status(status, record.id.clone()), record)
    }

    /// Responds in the format that the request accepts.
    fn render(&self, refused: ErrorResponse, record: &RequestRecord) -> Response {
        refused.into_response(record.accept.as_deref(), self.error_body.as_ref())
    }

    /// Responds to an error of a handler: an error that contains a response is returned unchanged, any other
    /// gets a standard text.
    fn answer_error(&self, error: poem::Error, record: &RequestRecord) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        let status = error.status();
        let mut refused = ErrorResponse::of_status(status, record.id.clone());
        if let Some(fault) = error.downcast_ref::<Fault>() {
            refused.retry_after_seconds = retry_after_seconds(fault);
            fault.log(&format!("request {} to {} failed", record.id, record.path));
        } else if status.is_server_error() {
            // The error's text may repeat data of the request.
            let status = status.as_u16();
            tracing::error!(request_id = %record.id, path = record.path, status, "a handler failed");
        }
        let mut response = self.render(refused, record);
        if let Some(MethodNotAllowed(allow)) = error.downcast_ref() {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response
    }

    /// Responds after a panic. The panic hook has printed the message to stderr.
    fn answer_panic(&self, record: &RequestRecord) -> Response {
        tracing::error!(request_id = %record.id, path = record.path, "a handler panicked");
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR, record)
    }

    /// Adds the common headers, removes the body of a HEAD response, and writes the access log, without the
    /// query, which may contain codes and tokens.
    fn finish(&self, record: &RequestRecord, response: &mut Response) {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(record.id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        self.security_headers.add(&record.path, headers);
        let is_public =
            headers.get(header::CACHE_CONTROL).is_some_and(|value| value.as_bytes().starts_with(b"public"));
        if record.method == Method::HEAD {
            leave_out_body(response);
        }
        let status = response.status().as_u16();
        let duration_ms = self.clock.now().0.saturating_sub(record.at.0);
        let (method, path, source) = (record.method.as_str(), record.path.as_str(), record.source.address);
        // Publicly cacheable files are requested often and their lines reveal nothing.
        if is_public && status < 400 {
            tracing::debug!(target: "countersign::access", request_id = %record.id, method, path, status, duration_ms, %source);
        } else {
            tracing::info!(target: "countersign::access", request_id = %record.id, method, path, status, duration_ms, %source);
        }
    }
}

/// Returns the media types of all `Accept` lines; `None` when there is none.
fn accepted(headers: &HeaderMap) -> Option<String> {
    let types: Vec<&str> = elements(headers, header::ACCEPT, b',').flatten().collect();
    (!types.is_empty()).then(|| types.join(", "))
}

/// Removes the body of a response and keeps its length.
fn leave_out_body(response: &mut Response) {
    let body = http::Response::from(Response::builder().body(response.take_body())).into_body();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::SystemClock,
        entropy::SystemEntropy,
        http::{error_body::PlainPage, methods::Methods},
    };
    use poem::{EndpointExt, Route, handler, web::Form};
    use std::{collections::BTreeMap, time::Duration};

    #[handler]
    fn echo(request: &Request, Form(fields): Form<BTreeMap<String, String>>) -> String {
        format!("{} {}", RequestId::of(request), fields.len())
    }

    #[handler]
    fn panics() -> String {
        panic!("canary-of-the-panic")
    }

    #[handler]
    fn fails() -> Result<String> {
        Err(Fault::away("the session could not be read", std::io::Error::other("canary-of-the-fault")).into())
    }

    #[handler]
    async fn stands_still() -> String {
        std::future::pending().await
    }

    #[handler]
    fn reads() -> &'static str {
        "12345"
    }

    fn pipeline() -> impl Endpoint<Output = Response> {
        let config = PipelineConfig {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            forwarding: Forwarding::default(),
            security_headers: SecurityHeaders { is_https: true },
            body_limit: BodyLimit::default(),
            time_limit: TimeLimit { work: Duration::from_millis(200), ..TimeLimit::default() },
            error_body: Arc::new(PlainPage),
        };
        let routes = Route::new().at("/echo", Methods::post(echo)).at("/panics", Methods::get(panics));
        let routes = routes.at("/fails", Methods::get(fails)).at("/reads", Methods::get(reads));
        let routes = routes.at("/stands-still", Methods::get(stands_still));
        routes.with(Pipeline::new(config))
    }

    async fn answer(method: &str, path: &'static str, body: &str) -> (u16, http::HeaderMap, String) {
        let request =
            Request::builder().method(method.parse().unwrap()).uri_str(path).header("host", "id.example");
        let request = request.content_type("application/x-www-form-urlencoded").body(body.to_owned());
        let response = pipeline().get_response(request).await;
        let (parts, body) = response.into_parts();
        (parts.status.as_u16(), parts.headers, body.into_string().await.unwrap())
    }

    #[tokio::test]
    async fn every_response_has_a_request_id_and_the_security_headers() {
        for (method, path, status) in
            [("POST", "/echo", 200), ("GET", "/nowhere", 404), ("GET", "/panics", 500)]
        {
            let (answered, headers, _) = answer(method, path, "a=1").await;
            assert_eq!(answered, status, "{path}");
            assert_eq!(headers["x-request-id"].len(), 22);
            assert_eq!(headers["x-content-type-options"], "nosniff");
            assert_eq!(headers["cache-control"], "no-store");
            assert_eq!(headers["referrer-policy"], "same-origin");
        }
    }

    #[tokio::test]
    async fn a_handler_knows_the_request_id_of_the_response() {
        let (_, headers, body) = answer("POST", "/echo", "a=1&b=2").await;
        assert_eq!(body, format!("{} 2", headers["x-request-id"].to_str().unwrap()));
    }

    #[tokio::test]
    async fn a_failure_gives_the_caller_the_request_id_and_no_details() {
        let (status, headers, body) = answer("GET", "/fails", "").await;
        assert_eq!((status, headers["retry-after"].to_str().unwrap()), (503, "2"));
        assert!(
            body.contains(headers["x-request-id"].to_str().unwrap()) && !body.contains("canary"),
            "{body}"
        );
        let (status, headers, _) = answer("GET", "/stands-still", "").await;
        assert_eq!((status, headers["retry-after"].to_str().unwrap()), (503, "2"));
        let (status, _, body) = answer("GET", "/panics", "").await;
        assert!(status == 500 && body.contains("internal_error") && !body.contains("canary"), "{body}");
    }

    #[tokio::test]
    async fn an_unsupported_method_is_answered_with_the_allowed_ones() {
        let (status, headers, _) = answer("GET", "/echo", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "POST, OPTIONS"));
        let (status, headers, _) = answer("DELETE", "/reads", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS"));
        let (status, headers, _) = answer("OPTIONS", "/reads", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (204, "GET, HEAD, OPTIONS"));
    }

    #[tokio::test]
    async fn unknown_methods_are_answered_like_unsupported_ones() {
        for method in ["TRACE", "CONNECT", "BREW"] {
            let (status, headers, _) = answer(method, "/reads", "").await;
            assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS"), "{method}");
            assert_eq!(answer(method, "/nowhere", "").await.0, 404);
        }
    }

    #[tokio::test]
    async fn options_asterisk_is_answered_and_other_methods_for_it_are_refused() {
        let (status, headers, _) = answer("OPTIONS", "*", "").await;
        assert_eq!((status, headers["x-content-type-options"].to_str().unwrap()), (204, "nosniff"));
        assert_eq!(answer("GET", "*", "").await.0, 400);
    }

    #[tokio::test]
    async fn a_head_response_is_a_get_response_without_its_body() {
        let (status, headers, body) = answer("HEAD", "/reads", "").await;
        assert_eq!((status, body.as_str()), (200, ""));
        assert_eq!(headers["content-length"], "5");
        assert_eq!(answer("GET", "/reads", "").await.2, "12345");
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_does_not_reach_the_handler() {
        let fits = format!("a={}", "x".repeat(64 * 1024 - 2));
        assert_eq!(answer("POST", "/echo", &fits).await.0, 200);
        let (status, _, body) = answer("POST", "/echo", &format!("{fits}x")).await;
        assert!(status == 413 && body.contains("body_too_large"), "{body}");
    }
}
