//! The page for a temporarily unavailable server (503).

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Reports that nothing was lost and when to try again.
#[derive(Clone, Debug, Serialize)]
pub struct UnavailablePage {
    /// The layout data.
    pub frame: Frame,
    /// Seconds to wait, as in `Retry-After`.
    pub retry_after_seconds: u64,
    /// The URL for trying again.
    pub retry_url: Option<String>,
    /// The request id, for finding the request in the server's log.
    pub request_id: String,
}

impl Page for UnavailablePage {
    const TEMPLATE: &'static str = "unavailable.html";
    const FORM_TARGET: FormTarget = FormTarget::Ourselves;

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            frame: Frame::sample(),
            retry_after_seconds: 5,
            retry_url: Some("/signin/push?j=jrn_5m2Xb7Qw1cT9kZ3rV8yN4g".to_owned()),
            request_id: "req_8fK2mQ7xT4".to_owned(),
        };
        vec![("wait", Self { retry_url: None, ..page.clone() }), ("linked", page)]
    }
}
