//! Pages that explain why the person cannot go on: refusals, rate limits, overload, and errors of the
//! middleware.

use super::page;
use crate::{
    app::{App, RequestContext},
    http::{
        error_body::{ErrorBody, ErrorResponse, PlainPage},
        html::html,
    },
    limits::lifetimes::DEFAULT_RETRY_AFTER_SECONDS,
    themes::{ErrorPage, Fact, Frame, TooManyRequestsPage, UnavailablePage},
};
use http::{StatusCode, header};
use poem::{Error, Response, Result};
use std::sync::Arc;

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
    pub fn into_error(self, context: &RequestContext) -> Error {
        let page = ErrorPage {
            frame: page::frame(context),
            application: self.application.map(str::to_owned),
            heading: self.heading.to_owned(),
            message: self.message,
            facts: self.facts,
            advice: Some(self.advice.to_owned()),
            retry_url: self.retry_url,
            request_id: context.request_id.to_string(),
        };
        match page::show(&page) {
            Ok(mut response) => {
                response.set_status(self.status);
                Error::from_response(response)
            }
            Err(error) => error,
        }
    }
}

/// 429: this source has sent too many wrong answers. `Retry-After` in seconds.
pub fn too_many_requests(context: &RequestContext, retry_after_seconds: u32) -> Error {
    let request_id = context.request_id.to_string();
    let shown = page::show(&too_many_requests_page(page::frame(context), retry_after_seconds, request_id));
    retry_later(shown, StatusCode::TOO_MANY_REQUESTS, retry_after_seconds)
}

/// 503: the password-hashing queue is full.
pub fn overloaded(context: &RequestContext) -> Error {
    let retry_after_seconds = 1;
    let request_id = context.request_id.to_string();
    let shown = page::show(&unavailable_page(page::frame(context), retry_after_seconds, request_id));
    retry_later(shown, StatusCode::SERVICE_UNAVAILABLE, retry_after_seconds)
}

fn retry_later(shown: Result<Response>, status: StatusCode, retry_after_seconds: u32) -> Error {
    match shown {
        Ok(mut response) => {
            response.set_status(status);
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_seconds.into());
            Error::from_response(response)
        }
        Err(error) => error,
    }
}

fn too_many_requests_page(frame: Frame, retry_after_seconds: u32, request_id: String) -> TooManyRequestsPage {
    let retry_after_seconds = u64::from(retry_after_seconds);
    TooManyRequestsPage { frame, retry_after_seconds, retry_url: None, request_id }
}

fn unavailable_page(frame: Frame, retry_after_seconds: u32, request_id: String) -> UnavailablePage {
    let retry_after_seconds = u64::from(retry_after_seconds);
    UnavailablePage { frame, retry_after_seconds, retry_url: None, request_id }
}

/// Renders the errors of the middleware with the theme, without access to storage.
pub struct ErrorPages(pub Arc<App>);

impl ErrorBody for ErrorPages {
    fn page(&self, refused: &ErrorResponse) -> Response {
        let root = self.0.directory.known_root();
        let unknown = || Frame { workspace: "Countersign".to_owned(), base: String::new() };
        let frame = root.as_deref().map_or_else(unknown, page::frame_of);
        let retry_after_seconds = refused.retry_after_seconds.unwrap_or(DEFAULT_RETRY_AFTER_SECONDS);
        let request_id = refused.request_id.to_string();
        let page = match refused.status {
            StatusCode::SERVICE_UNAVAILABLE => {
                html(&unavailable_page(frame, retry_after_seconds, request_id))
            }
            StatusCode::TOO_MANY_REQUESTS => {
                html(&too_many_requests_page(frame, retry_after_seconds, request_id))
            }
            _ => html(&ErrorPage {
                frame,
                application: None,
                heading: heading(refused.status).to_owned(),
                message: refused.detail.clone(),
                facts: Vec::new(),
                advice: None,
                retry_url: None,
                request_id,
            }),
        };
        page.unwrap_or_else(|_| PlainPage.page(refused))
    }
}

/// The error in a few words.
fn heading(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 => "Not allowed",
        404 => "Page not found",
        _ if status.is_client_error() => "This request cannot be answered",
        _ => "Something went wrong",
    }
}
