//! What failed here: the operator reads the chain in the log, everyone else a request id.

use http::StatusCode;
use poem::error::ResponseError;

/// Something failed that the caller cannot mend.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct Fault {
    doing: &'static str,
    retry_after_seconds: Option<u32>,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Fault {
    /// While `doing` (a sentence: "the session could not be read"), `source` happened.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { doing, retry_after_seconds: None, source: source.into() }
    }

    /// The same for something that is away and will come back: 503 with `Retry-After`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// After how many seconds another try is worth it.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after_seconds
    }

    /// The message and its causes, on one line.
    pub fn chain(&self) -> String {
        let first: &dyn std::error::Error = self;
        let causes = std::iter::successors(Some(first), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    }
}

impl ResponseError for Fault {
    fn status(&self) -> StatusCode {
        match self.retry_after_seconds {
            Some(_) => StatusCode::SERVICE_UNAVAILABLE,
            None => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_names_every_cause() {
        let fault =
            Fault::new("the session could not be read", Fault::new("the database is away", "refused"));
        assert_eq!(fault.chain(), "the session could not be read: the database is away: refused");
        assert_eq!(fault.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(fault.retry_after(2).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
