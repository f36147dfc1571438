//! Faults as responses: the caller learns only whether to try again; the details go to the log.

use crate::{fault::Fault, limits::lifetimes::FAULT_RETRY_AFTER_SECONDS};
use http::StatusCode;
use poem::error::ResponseError;

/// The `Retry-After` value in seconds; `None` when another attempt cannot succeed.
pub fn retry_after_seconds(fault: &Fault) -> Option<u32> {
    fault.is_temporary().then_some(FAULT_RETRY_AFTER_SECONDS)
}

impl ResponseError for Fault {
    fn status(&self) -> StatusCode {
        if self.is_temporary() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_temporary_fault_has_a_retry_after() {
        let broken = Fault::because("the session could not be read", "a row is missing");
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(retry_after_seconds(&broken), None);
        let away = Fault::away("the database is away", std::io::Error::other("refused"));
        assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(retry_after_seconds(&away), Some(2));
        assert_eq!(away.chain(), "the database is away: refused");
    }
}
