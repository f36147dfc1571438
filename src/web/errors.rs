//! Renders errors as pages of the theme, without access to storage.

use crate::{
    app::App,
    http::{
        error_body::{ErrorBody, ErrorResponse, PlainPage},
        html::html,
    },
    limits::lifetimes::DEFAULT_RETRY_AFTER_SECONDS,
    themes::{ErrorPage, Frame, TooManyRequestsPage, UnavailablePage},
};
use http::StatusCode;
use poem::Response;
use std::sync::Arc;

/// Renders error responses with the theme.
pub struct ErrorPages(pub Arc<App>);

impl ErrorBody for ErrorPages {
    fn page(&self, refused: &ErrorResponse) -> Response {
        let workspace = self.0.directory.known_workspace();
        let workspace = workspace.map_or("Countersign".to_owned(), |known| known.display_name.clone());
        let frame = Frame { workspace, base: String::new() };
        let retry_after_seconds =
            u64::from(refused.retry_after_seconds.unwrap_or(DEFAULT_RETRY_AFTER_SECONDS));
        let request_id = refused.request_id.to_string();
        let page = match refused.status {
            StatusCode::SERVICE_UNAVAILABLE => {
                html(&UnavailablePage { frame, retry_after_seconds, retry_url: None, request_id })
            }
            StatusCode::TOO_MANY_REQUESTS => {
                html(&TooManyRequestsPage { frame, retry_after_seconds, retry_url: None, request_id })
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
