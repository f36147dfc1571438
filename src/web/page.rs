//! Builds the responses for browsers: a page, a redirect, or a page that explains why a request is refused.

use super::browser::Browser;
use crate::{
    app::App,
    http::html::html,
    http::middleware::OnlyHead,
    protocol::{AuthorizationResponse, ResponseMode},
    storage::{Cause, Fault},
    themes::{ErrorPage, Fact, FormPostField, FormPostPage, Frame, Page},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Error, Request, Response, Result};

/// Returns what every page contains: the workspace's name and the base of its addresses.
pub async fn frame(app: &App) -> Result<Frame, Fault> {
    Ok(Frame { workspace: app.directory.workspace().await?.display_name.clone(), base: String::new() })
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
    let is_ahead = |name| request.header(name).is_some_and(|purpose: &str| purpose.contains("prefetch"));
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

/// Sends an authorization response to the relying party through the browser, in the request's response mode.
pub async fn redirect_to_client(
    app: &App,
    response: &AuthorizationResponse,
    application: &str,
) -> Result<Response> {
    if response.response_mode() != ResponseMode::FormPost {
        return see_other(&response.location());
    }
    let field =
        |(name, value): &(&'static str, String)| FormPostField { name: (*name).into(), value: value.clone() };
    let page = FormPostPage {
        frame: frame(app).await?,
        application: application.to_owned(),
        redirect_uri: response.redirect_uri().as_str().to_owned(),
        fields: response.form_fields().iter().map(field).collect(),
    };
    let mut page = show(&page)?;
    // Send the origin as referrer: many relying parties check it, and `null` would fail their check.
    page.headers_mut().insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("origin"));
    Ok(page)
}

/// An error page: why the person cannot go on.
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The relying party's name, if it is known.
    pub application: Option<&'a str>,
    /// The heading: the cause in a few words.
    pub heading: &'a str,
    /// The cause as a sentence.
    pub message: String,
    /// The received values, for the application's developers.
    pub facts: Vec<Fact>,
    /// The next step for the person.
    pub advice: &'a str,
    /// The address that begins the sign-in again.
    pub retry_url: Option<String>,
}

impl Refusal<'_> {
    /// A refusal with status 400 and nothing optional.
    pub fn bad_request(heading: &'static str, message: impl Into<String>, advice: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            application: None,
            heading,
            message: message.into(),
            facts: Vec::new(),
            advice,
            retry_url: None,
        }
    }

    /// Renders the page as the error with which a handler returns.
    pub async fn into_error(self, app: &App, browser: &Browser) -> Error {
        let frame = match frame(app).await {
            Ok(frame) => frame,
            Err(fault) => return fault.into(),
        };
        let page = ErrorPage {
            frame,
            application: self.application.map(str::to_owned),
            heading: self.heading.to_owned(),
            message: self.message,
            facts: self.facts,
            advice: Some(self.advice.to_owned()),
            retry_url: self.retry_url,
            request_id: browser.context.request_id.to_string(),
        };
        match show(&page) {
            Ok(mut response) => {
                response.set_status(self.status);
                Error::from_response(response)
            }
            Err(error) => error,
        }
    }
}
