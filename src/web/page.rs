//! Builds the responses for browsers: pages and redirects.

use crate::{
    app::{RequestContext, Tenant},
    fault::{Cause, Fault},
    http::{fields::values, html::html, middleware::OnlyHead},
    themes::{Frame, Page},
};
use http::{HeaderValue, StatusCode, header};
use poem::{Request, Response, Result};

/// Returns what every page contains: the workspace's name and the base of its addresses.
pub fn frame(context: &RequestContext) -> Frame {
    frame_of(&context.tenant)
}

/// Returns the frame of a page outside of a request's context.
pub(super) fn frame_of(tenant: &Tenant) -> Frame {
    Frame { workspace: tenant.workspace.display_name.clone(), base: tenant.urls.base().to_owned() }
}

/// Renders a page that no cache may store.
pub fn show<P: Page>(page: &P) -> Result<Response> {
    let mut response = html(page)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Redirects to another page by GET, whatever the method of this request was (RFC 9700 §4.12).
pub fn see_other(location: &str) -> Result<Response> {
    let location = HeaderValue::from_str(location)
        .map_err(|error| Fault::because("a redirect address is not a header value", Cause::of(&error)))?;
    Ok(Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, location)
        .header(header::CACHE_CONTROL, "no-store")
        .finish())
}

/// Answers a request that must have no effect: HEAD, or a browser's prefetch (Fetch, `Sec-Purpose`). A
/// prefetch is refused, because the browser would reuse a success when the person follows the link. `None`
/// for all other requests.
pub fn without_effect(request: &Request) -> Option<Response> {
    let is_ahead =
        |name| values(request.headers(), name).flatten().any(|purpose| purpose.contains("prefetch"));
    let status = if request.data::<OnlyHead>().is_some() {
        StatusCode::NO_CONTENT
    } else if is_ahead("sec-purpose") || is_ahead("purpose") || is_ahead("x-moz") {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        return None;
    };
    Some(Response::builder().status(status).header(header::CACHE_CONTROL, "no-store").finish())
}

/// Adds a cookie to the response, if there is one to set.
pub fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
