//! The page for a rate-limited request (429).

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Reports how long to wait.
#[derive(Clone, Debug, Serialize)]
pub struct TooManyRequestsPage {
    /// The layout data.
    pub frame: Frame,
    /// Seconds to wait, as in `Retry-After`.
    pub retry_after_seconds: u64,
    /// The URL for trying again.
    pub retry_url: Option<String>,
    /// The request id, for finding the request in the server's log.
    pub request_id: String,
}

impl Page for TooManyRequestsPage {
    const TEMPLATE: &'static str = "too_many_requests.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            frame: Frame::sample(),
            retry_after_seconds: 240,
            retry_url: Some("/signin/identifier?r=AbC-sealed_9z".to_owned()),
            request_id: "req_8fK2mQ7xT4".to_owned(),
        };
        vec![("wait", Self { retry_url: None, ..page.clone() }), ("linked", page)]
    }
}
