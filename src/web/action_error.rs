//! Translates the errors of use cases to HTTP. Interfaces handle the conflicts that they can explain better;
//! the middleware gives every other error its standard page or problem document.

use crate::actions::ActionError;
use http::StatusCode;
use poem::Error;

impl From<ActionError> for Error {
    fn from(error: ActionError) -> Self {
        let status = match error {
            ActionError::Fault(fault) => return fault.into(),
            ActionError::Forbidden => StatusCode::FORBIDDEN,
            ActionError::NotFound => StatusCode::NOT_FOUND,
            ActionError::Invalid(_) => StatusCode::BAD_REQUEST,
            ActionError::Conflict(_) => StatusCode::CONFLICT,
            ActionError::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            ActionError::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(error, status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actions::Conflict, fault::Fault};

    #[test]
    fn each_error_has_a_status_and_a_fault_stays_one_for_the_log() {
        let of = |error: ActionError| Error::from(error).status().as_u16();
        assert_eq!(of(ActionError::Forbidden), 403);
        assert_eq!(of(ActionError::NotFound), 404);
        assert_eq!(of(ActionError::Invalid(Vec::new())), 400);
        assert_eq!(of(ActionError::Conflict(Conflict::SetupLinkUsed)), 409);
        assert_eq!(of(ActionError::Limited { retry_after_seconds: 5 }), 429);
        assert_eq!(of(ActionError::Overloaded), 503);
        let away = Error::from(ActionError::Fault(Fault::away("the database is away", "refused")));
        assert_eq!(away.status().as_u16(), 503);
        assert!(away.downcast_ref::<Fault>().is_some());
    }
}
