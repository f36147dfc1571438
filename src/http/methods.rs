//! The methods of a path: others get 405 with the list of the allowed ones (RFC 9110 §15.5.6).

use http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result, endpoint::BoxEndpoint};

/// The handlers of one path. A HEAD request arrives as GET, see [`crate::http::middleware`].
#[derive(Default)]
pub struct Methods(Vec<(Method, BoxEndpoint<'static, Response>)>);

impl Methods {
    /// Builds a path that accepts GET and HEAD.
    pub fn get<E: IntoEndpoint<Endpoint: 'static>>(handler: E) -> Self {
        Self::default().and(Method::GET, handler)
    }

    /// Builds a path that accepts POST.
    pub fn post<E: IntoEndpoint<Endpoint: 'static>>(handler: E) -> Self {
        Self::default().and(Method::POST, handler)
    }

    /// Adds a method to the path.
    #[must_use]
    pub fn and<E: IntoEndpoint<Endpoint: 'static>>(mut self, method: Method, handler: E) -> Self {
        self.0.push((method, handler.into_endpoint().map_to_response().boxed()));
        self
    }

    /// Returns the value of `Allow`.
    fn allow(&self) -> HeaderValue {
        let mut names: Vec<&str> = self.0.iter().map(|(method, _)| method.as_str()).collect();
        if names.contains(&"GET") {
            names.push("HEAD");
        }
        names.push("OPTIONS");
        HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("GET"))
    }
}

impl Endpoint for Methods {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        match self.0.iter().find(|(method, _)| method == request.method()) {
            Some((_, handler)) => handler.call(request).await,
            None if *request.method() == Method::OPTIONS => Ok(Response::builder()
                .status(StatusCode::NO_CONTENT)
                .header(header::ALLOW, self.allow())
                .finish()),
            None => Err(MethodNotAllowed(self.allow()).into()),
        }
    }
}

/// Status 405 with the value of `Allow`.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the method is not allowed")]
pub struct MethodNotAllowed(pub(super) HeaderValue);

impl poem::error::ResponseError for MethodNotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::METHOD_NOT_ALLOWED
    }
}
