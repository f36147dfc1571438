use super::resolver::NotPublic;
use std::error::Error;

/// A request that did not come to an answer. Its text is the same whatever the reason, so that whoever chose the
/// address learns nothing of the network here; the reason is in [`detail`](Self::detail), for the operator's log.
#[derive(Debug, thiserror::Error)]
#[error("the address could not be reached")]
pub struct OutboundError {
    is_refused: bool,
    detail: String,
}

impl OutboundError {
    /// Our own rules stand against it; trying again changes nothing.
    pub(super) fn refused(detail: impl Into<String>) -> Self {
        Self { is_refused: true, detail: detail.into() }
    }

    /// Nothing came back, or too much.
    pub(super) fn failed(detail: impl Into<String>) -> Self {
        Self { is_refused: false, detail: detail.into() }
    }

    /// Whether our own rules stand against the address.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// What happened, for the operator's log and nobody else.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl From<reqwest::Error> for OutboundError {
    /// The URL of a push endpoint is a capability, so it stays out of the text.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let causes: Vec<&(dyn Error + 'static)> =
            std::iter::successors(error.source(), |cause| (**cause).source()).collect();
        let detail: Vec<String> =
            std::iter::once(error.to_string()).chain(causes.iter().map(ToString::to_string)).collect();
        Self { is_refused: causes.iter().any(|cause| cause.is::<NotPublic>()), detail: detail.join(": ") }
    }
}
