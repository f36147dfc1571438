//! The middleware that surrounds every handler: name, source, bounds, and an answer whatever happens inside.

use crate::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    http::{
        body_limit::BodyLimit,
        error_body::{ErrorBody, ErrorResponse},
        fault::retry_after_seconds,
        head,
        methods::MethodNotAllowed,
        request_id::{REQUEST_ID, RequestId},
        security_headers::SecurityHeaders,
        source::{Source, TrustedProxies},
        time_limit::TimeLimit,
    },
    storage::Fault,
};
use futures_util::FutureExt;
use http::{HeaderValue, Method, StatusCode, header};
use hyper::body::Body;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// How every request is received and every answer sent.
#[derive(Clone)]
pub struct Pipeline(Arc<PipelineConfig>);

/// What the manners are made of.
pub struct PipelineConfig {
    /// For the log's durations and the body's deadline.
    pub clock: Arc<dyn Clock>,
    /// For request ids.
    pub entropy: Arc<dyn Entropy>,
    /// Whose forwarding fields are believed.
    pub trusted_proxies: TrustedProxies,
    /// What every answer says.
    pub security_headers: SecurityHeaders,
    /// How large a body may be, and how slow.
    pub body_limit: BodyLimit,
    /// How long a handler may take.
    pub time_limit: TimeLimit,
    /// What a person sees when there is no answer.
    pub error_body: Arc<dyn ErrorBody>,
}

/// Kept in the data of a request that asks for nothing but the head of an answer: it may cause nothing.
#[derive(Clone, Copy, Debug)]
pub struct OnlyHead;

/// What is known of a request once its handler has taken it.
struct RequestRecord {
    method: Method,
    path: String,
    accept: Option<String>,
    source: Source,
    id: RequestId,
    at: Timestamp,
}

impl Pipeline {
    /// Manners by these rules.
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

/// A handler with manners: it always answers.
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
    /// Names the request and finds its source. A HEAD is asked as a GET, whose body is left out at the end.
    fn receive(&self, request: &mut Request) -> RequestRecord {
        let source = self.trusted_proxies.source_of(request);
        let id = RequestId::assign(request, &source, self.entropy.as_ref());
        let record = RequestRecord {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            accept: request.header(header::ACCEPT).map(str::to_owned),
            source,
            id: id.clone(),
            at: self.clock.now(),
        };
        request.set_data(source);
        request.set_data(id);
        if record.method == Method::HEAD {
            request.set_method(Method::GET);
            request.set_data(OnlyHead);
        }
        record
    }

    /// Holds the head and the body to their bounds.
    async fn bound(&self, request: &mut Request) -> Result<(), StatusCode> {
        match head::refusal(request) {
            Some(status) => Err(status),
            None => self.body_limit.apply(request, self.clock.as_ref()).await,
        }
    }

    /// An answer in the words of its status.
    fn refuse(&self, status: StatusCode, record: &RequestRecord) -> Response {
        self.say(ErrorResponse::of_status(status, record.id.clone()), record)
    }

    /// A refusal as whoever asked can read it.
    fn say(&self, refused: ErrorResponse, record: &RequestRecord) -> Response {
        refused.into_response(record.accept.as_deref(), self.error_body.as_ref())
    }

    /// A handler gave an error: one that is an answer already stays, any other is put into words.
    fn answer_error(&self, error: poem::Error, record: &RequestRecord) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        let status = error.status();
        let mut refused = ErrorResponse::of_status(status, record.id.clone());
        if status == StatusCode::BAD_REQUEST {
            // Says what was received, to whom it came from; escaped or encoded wherever it goes.
            refused.detail = error.to_string().chars().take(300).collect();
        }
        if let Some(fault) = error.downcast_ref::<Fault>() {
            refused.retry_after_seconds = retry_after_seconds(fault);
            tracing::error!(request_id = %record.id, path = record.path, "{}", fault.chain());
        } else if status.is_server_error() {
            tracing::error!(request_id = %record.id, path = record.path, %error, "a handler failed");
        }
        let mut response = self.say(refused, record);
        if let Some(MethodNotAllowed(allow)) = error.downcast_ref() {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response
    }

    /// A handler panicked. The panic's own words are on stderr already.
    fn answer_panic(&self, record: &RequestRecord) -> Response {
        tracing::error!(request_id = %record.id, path = record.path, "a handler panicked");
        self.refuse(StatusCode::INTERNAL_SERVER_ERROR, record)
    }

    /// Adds what every answer says, leaves out what a HEAD must not get, and writes the access log: never a query,
    /// which may hold codes and tokens.
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
        // What anyone may keep is asked for often and tells nothing.
        if is_public && status < 400 {
            tracing::debug!(target: "countersign::access", request_id = %record.id, method, path, status, duration_ms, %source);
        } else {
            tracing::info!(target: "countersign::access", request_id = %record.id, method, path, status, duration_ms, %source);
        }
    }
}

/// The answer without its body, but with the length it would have had.
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

    fn house() -> impl Endpoint<Output = Response> {
        let config = PipelineConfig {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            trusted_proxies: TrustedProxies::default(),
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
        let response = house().get_response(request).await;
        let (parts, body) = response.into_parts();
        (parts.status.as_u16(), parts.headers, body.into_string().await.unwrap())
    }

    #[tokio::test]
    async fn every_answer_is_named_and_says_what_browsers_need() {
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
    async fn a_handler_knows_the_name_that_is_returned() {
        let (_, headers, body) = answer("POST", "/echo", "a=1&b=2").await;
        assert_eq!(body, format!("{} 2", headers["x-request-id"].to_str().unwrap()));
    }

    #[tokio::test]
    async fn a_failure_tells_the_caller_its_name_and_nothing_else() {
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
    async fn another_method_is_answered_with_those_that_are_known() {
        let (status, headers, _) = answer("GET", "/echo", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "POST, OPTIONS"));
        let (status, headers, _) = answer("DELETE", "/reads", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS"));
        let (status, headers, _) = answer("OPTIONS", "/reads", "").await;
        assert_eq!((status, headers["allow"].to_str().unwrap()), (204, "GET, HEAD, OPTIONS"));
    }

    #[tokio::test]
    async fn methods_that_nothing_here_knows_are_answered_like_any_other() {
        for method in ["TRACE", "CONNECT", "BREW"] {
            let (status, headers, _) = answer(method, "/reads", "").await;
            assert_eq!((status, headers["allow"].to_str().unwrap()), (405, "GET, HEAD, OPTIONS"), "{method}");
            assert_eq!(answer(method, "/nowhere", "").await.0, 404);
        }
    }

    #[tokio::test]
    async fn the_server_itself_may_be_asked_whether_it_is_there() {
        let (status, headers, _) = answer("OPTIONS", "*", "").await;
        assert_eq!((status, headers["x-content-type-options"].to_str().unwrap()), (204, "nosniff"));
        assert_eq!(answer("GET", "*", "").await.0, 400);
    }

    #[tokio::test]
    async fn a_head_is_a_get_without_its_body() {
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
