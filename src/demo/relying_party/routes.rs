use super::application::RelyingParty;
use super::failure::Failure;
use super::{layout, notebook, sign_in, sign_out};
use poem::error::{NotFoundError, ResponseError};
use poem::http::{HeaderName, HeaderValue, header};
use poem::middleware::CookieJarManager;
use poem::{Endpoint, EndpointExt, Response, Route, get, handler, post};
use std::sync::Arc;
use url::Url;

/// The routes of the application, with its security headers.
pub fn routes(relying_party: RelyingParty) -> impl Endpoint<Output = Response> {
    let policy = content_security_policy(&relying_party.settings.issuer);
    Route::new()
        .at("/", get(notebook::home))
        .at("/notes", get(notebook::notes))
        .at("/reports", get(notebook::reports))
        .at("/login", get(sign_in::login))
        .at("/callback", get(sign_in::callback))
        .at("/refresh", post(sign_out::refresh))
        .at("/logout", post(sign_out::logout))
        .at("/signed-out", get(sign_out::signed_out))
        .at(layout::STYLE, get(style))
        .at(layout::ICON, get(icon))
        .with(CookieJarManager::new())
        .data(Arc::new(relying_party))
        .catch_error(|_: NotFoundError| async { Failure::NoSuchPage.as_response() })
        .catch_all_error(|error| async { error.into_response() })
        .map_to_response()
        .after(move |answer| {
            let policy = policy.clone();
            async move { answer.map(|response| with_security_headers(response, policy)) }
        })
}

#[handler]
async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("assets/style.css"))
}

#[handler]
async fn icon() -> Response {
    file("image/svg+xml", include_str!("assets/icon.svg"))
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    Response::builder()
        .content_type(content_type)
        .header(header::CACHE_CONTROL, "public, max-age=300")
        .body(content)
}

/// The policy: own files only; forms post to this application, which may redirect to the provider's sign-out.
fn content_security_policy(issuer: &str) -> HeaderValue {
    let provider = Url::parse(issuer).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {provider}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn with_security_headers(mut response: Response, policy: HeaderValue) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not "no-referrer": browsers would then post the application's own forms with the origin "null".
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
