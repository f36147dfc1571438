//! Translates the errors of use cases to the problems of this protocol.

use super::{
    limits::wait,
    problem::{Code, Problem},
};
use crate::actions::{ActionError, Conflict, FieldProblem};

/// Returns the problem for an error; what the protocol has no code for gets the translation of every HTTP
/// interface.
pub fn refused(error: ActionError) -> poem::Error {
    match &error {
        ActionError::Limited { retry_after_seconds } => wait(*retry_after_seconds).into(),
        ActionError::Invalid(problems) => Problem::new(Code::InvalidRequest, sentences(problems)).into(),
        ActionError::Conflict(conflict) => match code_of(conflict) {
            Some(code) => Problem::new(code, conflict.to_string()).into(),
            None => error.into(),
        },
        _ => error.into(),
    }
}

fn code_of(conflict: &Conflict) -> Option<Code> {
    match conflict {
        Conflict::KeyInUse => Some(Code::KeyConflict),
        Conflict::CredentialExists => Some(Code::CredentialExists),
        Conflict::StaleTransport => Some(Code::StaleTransport),
        Conflict::NoTransport => Some(Code::NoTransport),
        Conflict::UsernameTaken { .. }
        | Conflict::SlugTaken(_)
        | Conflict::SetupLinkUsed
        | Conflict::TicketNotNeeded
        | Conflict::NoSecret
        | Conflict::AlgorithmOfOtherPurpose
        | Conflict::KeyIsActive
        | Conflict::KeyIsTheLast
        | Conflict::KeyNeeded { .. }
        | Conflict::KeyHasSubscriptions { .. }
        | Conflict::HasPassword => None,
    }
}

fn sentences(problems: &[FieldProblem]) -> String {
    let sentences = problems.iter().map(|problem| format!("{} {}", problem.field, problem.sentence));
    sentences.collect::<Vec<_>>().join("; ")
}
