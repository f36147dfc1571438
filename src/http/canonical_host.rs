//! Redirects browsers that use another name of this machine to the public URL. Under another name, forms
//! would be refused and cookies lost.

use crate::http::{
    fields::single,
    host::Host,
    urls::{Addressed, Path, PublicUrl},
};
use http::{Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

/// The loopback names of this machine.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Redirects browsers that use another name of this machine to the public URL.
#[derive(Clone, Debug)]
pub struct CanonicalHost {
    /// The authority, such as `localhost:8080`, if the public URL is `http`; with `https`, names are the
    /// proxy's concern.
    authority: Option<String>,
    public_url: PublicUrl,
}

impl CanonicalHost {
    /// Builds the middleware for the given public URL.
    pub fn new(public_url: PublicUrl) -> Self {
        let authority = public_url.as_str().strip_prefix("http://").map(str::to_owned);
        Self { authority, public_url }
    }

    /// Returns the address to redirect to; `None` if the request stays.
    fn canonical_location(&self, request: &Request) -> Option<String> {
        let expected = self.authority.as_deref()?;
        let host = single(request.headers(), header::HOST).text()?;
        let (expected_host, received) = (Host::parse(expected)?, Host::parse(host)?);
        let is_other_name =
            host != expected && port(received) == port(expected_host) && NAMES.contains(&received.name);
        let is_page = *request.method() == Method::GET && is_page(request.uri().path());
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        (is_other_name && is_page).then(|| format!("{}{target}", self.public_url.as_str()))
    }
}

/// Whether people open this path; all other paths are used by programs, which use the configured address.
fn is_page(path: &str) -> bool {
    let path = Addressed::of(path).path();
    let pages = [Path::Authorize, Path::Authenticator, Path::Consent, Path::Setup, Path::Signout];
    path == Path::Home.as_str()
        || path.starts_with("/signin/")
        || pages.iter().any(|page| page.is_root_of(path))
}

/// Returns the port, or the default port of `http`.
fn port(host: Host<'_>) -> &str {
    host.port.unwrap_or("80")
}

impl<E: Endpoint> Middleware<E> for CanonicalHost {
    type Output = CanonicalHostEndpoint<E>;

    fn transform(&self, inner: E) -> CanonicalHostEndpoint<E> {
        CanonicalHostEndpoint { rule: self.clone(), inner }
    }
}

/// An endpoint that browsers reach under one name only.
pub struct CanonicalHostEndpoint<E> {
    rule: CanonicalHost,
    inner: E,
}

impl<E: Endpoint> Endpoint for CanonicalHostEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        match self.rule.canonical_location(&request) {
            Some(address) => {
                Ok(Response::builder().status(StatusCode::FOUND).header(header::LOCATION, address).finish())
            }
            None => self.inner.call(request).await.map(IntoResponse::into_response),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(public_url: &str, host: &str, target: &'static str) -> Option<String> {
        let request = Request::builder().uri_str(target).header("host", host).finish();
        CanonicalHost::new(PublicUrl::new(public_url)).canonical_location(&request)
    }

    #[test]
    fn another_name_of_this_machine_is_redirected_to_the_public_url() {
        let home = "http://localhost:8080";
        for (host, target) in [
            ("127.0.0.1:8080", "/"),
            ("[::1]:8080", "/signin/identifier?r=a"),
            ("127.0.0.1:8080", "/authorize?client_id=a"),
            ("127.0.0.1:8080", "/authenticator/enroll"),
            ("127.0.0.1:8080", "/w/acme/authorize?client_id=a"),
        ] {
            assert_eq!(redirected(home, host, target), Some(format!("{home}{target}")), "{host}{target}");
        }
        assert!(redirected("http://localhost", "127.0.0.1", "/").is_some());
    }

    #[test]
    fn other_requests_are_not_redirected() {
        for (public_url, host, target) in [
            ("http://localhost:8080", "localhost:8080", "/"),
            ("http://localhost:8080", "127.0.0.1:8080", "/token"),
            ("http://localhost:8080", "127.0.0.1:8080", "/assets/a.css"),
            ("http://localhost:8080", "127.0.0.1:9090", "/"),
            ("http://localhost:8080", "evil.example:8080", "/"),
            ("https://id.example.com", "127.0.0.1:8080", "/"),
        ] {
            assert_eq!(redirected(public_url, host, target), None, "{public_url} {host}{target}");
        }
    }

    #[test]
    fn a_path_cannot_redirect_to_another_host() {
        let address = redirected("http://localhost:8080", "127.0.0.1:8080", "/signin/..//evil.example");
        assert_eq!(address.as_deref(), Some("http://localhost:8080/signin/..//evil.example"));
    }
}
