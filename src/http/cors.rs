//! Cross-origin resource sharing (Fetch standard, CORS protocol). Never with credentials, never for the
//! origin `null`.

use super::fields::text;
use futures_util::{
    FutureExt,
    future::{BoxFuture, ready},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use std::sync::Arc;

/// Request headers that scripts may set: any, because libraries add headers for identification and tracing,
/// and no header is trusted for coming from a browser. The wildcard does not cover `Authorization` (Fetch
/// §4.9).
const REQUEST_FIELDS: &str = "Authorization, *";
/// Response headers that scripts may read.
const ANSWER_FIELDS: &str = "WWW-Authenticate, Retry-After, X-Request-Id";

/// The origins that may read the responses of a path.
#[derive(Clone)]
pub struct Cors {
    origins: AllowedOrigins,
    methods: &'static str,
}

/// Whether an origin is in a list that another module keeps.
type IsListed = dyn Fn(&Request, String) -> BoxFuture<'static, bool> + Send + Sync;

/// The value of `Access-Control-Allow-Origin`, once it is known.
type Allowed = BoxFuture<'static, Option<HeaderValue>>;

/// The allowed origins.
#[derive(Clone)]
enum AllowedOrigins {
    Anyone,
    Listed(Arc<IsListed>),
}

impl Cors {
    /// Allows any origin to GET a public resource.
    pub fn anyone() -> Self {
        Self { origins: AllowedOrigins::Anyone, methods: "GET, HEAD" }
    }

    /// Allows the origins for which `is_allowed` holds: those of redirect URIs that are registered with the tenant of the
    /// request.
    pub fn listed<F>(is_allowed: impl Fn(&Request, String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let is_allowed = move |request: &Request, origin| is_allowed(request, origin).boxed();
        Self { origins: AllowedOrigins::Listed(Arc::new(is_allowed)), methods: "GET, POST" }
    }

    /// Returns the value of `Access-Control-Allow-Origin` for the origin of `request`, if it is allowed.
    fn allowed(&self, request: &Request) -> Allowed {
        match &self.origins {
            AllowedOrigins::Anyone => ready(Some(HeaderValue::from_static("*"))).boxed(),
            AllowedOrigins::Listed(is_allowed) => {
                let origin = request.headers().get(header::ORIGIN).cloned();
                let name = origin.as_ref().and_then(|origin| text(origin.as_bytes()));
                let listed =
                    name.filter(|name| *name != "null").map(|name| is_allowed(request, name.to_owned()));
                async move { if listed?.await { origin } else { None } }.boxed()
            }
        }
    }

    /// Adds the CORS headers of a response.
    async fn add_headers(&self, allowed: Allowed, headers: &mut HeaderMap) {
        if matches!(self.origins, AllowedOrigins::Listed(_)) {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(allowed) = allowed.await else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_FIELDS));
        let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
        headers.insert(resource_policy, HeaderValue::from_static("cross-origin"));
    }

    /// Builds the response to a preflight request.
    async fn preflight(&self, allowed: Allowed) -> Response {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
        self.add_headers(allowed, response.headers_mut()).await;
        if response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(self.methods));
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_FIELDS));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
        response
    }
}

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> CorsEndpoint<E> {
        CorsEndpoint { cors: self.clone(), inner }
    }
}

/// An endpoint that other origins may read.
pub struct CorsEndpoint<E> {
    cors: Cors,
    inner: E,
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let allowed = self.cors.allowed(&request);
        let is_preflight = *request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if is_preflight {
            return Ok(self.cors.preflight(allowed).await);
        }
        // Responses of the handler, refusals included, are readable. The middleware turns an `Err` into a
        // response later, without these headers.
        let mut response = self.inner.call(request).await?.into_response();
        self.cors.add_headers(allowed, response.headers_mut()).await;
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::{EndpointExt, endpoint::make_sync};

    async fn asked(cors: Cors, method: Method, origin: &'static str) -> Response {
        let endpoint = make_sync(|_| "answer").with(cors);
        let request = Request::builder().method(method).header("origin", origin);
        endpoint.get_response(request.header("access-control-request-method", "POST").finish()).await
    }

    fn listed() -> Cors {
        Cors::listed(|_, origin| async move { origin == "https://app.example" || origin == "null" })
    }

    fn allowed(response: &Response) -> Option<&str> {
        response.header("access-control-allow-origin")
    }

    #[tokio::test]
    async fn public_responses_are_readable_by_any_origin_without_credentials() {
        let response = asked(Cors::anyone(), Method::GET, "https://any.example").await;
        assert_eq!(allowed(&response), Some("*"));
        assert_eq!(response.header("access-control-allow-credentials"), None);
        assert_eq!(response.header("cross-origin-resource-policy"), Some("cross-origin"));
    }

    #[tokio::test]
    async fn other_responses_are_readable_by_registered_origins_only() {
        for method in [Method::POST, Method::OPTIONS] {
            let response = asked(listed(), method.clone(), "https://app.example").await;
            assert_eq!(allowed(&response), Some("https://app.example"));
            assert_eq!(response.header("vary"), Some("Origin"));
            for origin in ["https://evil.example", "null", "https://app.example.evil.example"] {
                let response = asked(listed(), method.clone(), origin).await;
                assert_eq!(allowed(&response), None, "{origin}");
                assert_eq!(response.header("vary"), Some("Origin"));
            }
        }
    }

    #[tokio::test]
    async fn scripts_of_registered_origins_may_add_headers() {
        let response = asked(listed(), Method::OPTIONS, "https://app.example").await;
        let fields: Vec<_> = response.header("access-control-allow-headers").unwrap().split(", ").collect();
        assert!(fields.contains(&"*") && fields.contains(&"Authorization"), "{fields:?}");
        let stranger = asked(listed(), Method::OPTIONS, "https://evil.example").await;
        assert_eq!(stranger.header("access-control-allow-headers"), None);
    }

    #[tokio::test]
    async fn a_preflight_does_not_reach_the_handler() {
        let response = asked(listed(), Method::OPTIONS, "https://app.example").await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.header("access-control-allow-headers"), Some(REQUEST_FIELDS));
    }
}
