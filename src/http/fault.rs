//! A fault as an answer: the caller learns whether to try again, and nothing else. The chain goes to the log.

use crate::{limits::lifetimes::FAULT_RETRY_AFTER_SECONDS, storage::Fault};
use http::StatusCode;
use poem::error::ResponseError;

/// After how many seconds another try is worth it; `None` when trying again will not help.
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
    fn only_what_passes_by_itself_is_worth_another_try() {
        let broken = Fault::because("the session could not be read", "a row is missing");
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(retry_after_seconds(&broken), None);
        let away = Fault::away("the database is away", std::io::Error::other("refused"));
        assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(retry_after_seconds(&away), Some(2));
        assert_eq!(away.chain(), "the database is away: refused");
    }
}
