//! Slow down (429).

use crate::themes::{FormTarget, Frame, Page};
use serde::Serialize;

/// Says how long to wait.
#[derive(Clone, Debug, Serialize)]
pub struct TooManyRequestsPage {
    /// What surrounds it.
    pub frame: Frame,
    /// Seconds to wait, as in `Retry-After`.
    pub retry_after_seconds: u64,
    /// Where to go on then.
    pub retry_url: Option<String>,
    /// What the operator finds it by.
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
