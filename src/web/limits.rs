//! Pages for rate limits and overload.

use super::{browser::Browser, page};
use crate::{
    app::App,
    themes::{TooManyRequestsPage, UnavailablePage},
};
use http::{StatusCode, header};
use poem::{Error, Response, Result};

/// 429: this source has sent too many wrong answers. `Retry-After` in seconds.
pub async fn too_many(app: &App, browser: &Browser, retry_after_seconds: u32) -> Error {
    let page = async {
        page::show(&TooManyRequestsPage {
            frame: page::frame(app).await?,
            retry_after_seconds: u64::from(retry_after_seconds),
            retry_url: None,
            request_id: browser.context.request_id.to_string(),
        })
    };
    as_error(page.await, StatusCode::TOO_MANY_REQUESTS, retry_after_seconds)
}

/// 503: the password-hashing queue is full.
pub async fn overloaded(app: &App, browser: &Browser) -> Error {
    let page = async {
        page::show(&UnavailablePage {
            frame: page::frame(app).await?,
            retry_after_seconds: 1,
            retry_url: None,
            request_id: browser.context.request_id.to_string(),
        })
    };
    as_error(page.await, StatusCode::SERVICE_UNAVAILABLE, 1)
}

fn as_error(page: Result<Response>, status: StatusCode, retry_after_seconds: u32) -> Error {
    match page {
        Ok(mut page) => {
            page.set_status(status);
            page.headers_mut().insert(header::RETRY_AFTER, retry_after_seconds.into());
            Error::from_response(page)
        }
        Err(error) => error,
    }
}
