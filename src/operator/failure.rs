//! Errors of commands: one sentence for people, one exit code for scripts.

use super::print_notice;
use crate::{actions::ActionError, cli::Exit, config::ConfigError, fault::Fault};

/// The failure of a command.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct CommandError {
    /// The exit code, for scripts.
    pub exit: Exit,
    /// The message, for people.
    pub sentence: String,
}

impl CommandError {
    /// It failed, and trying again as it stands is no use.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, sentence: sentence.into() }
    }

    /// Changes the exit code.
    #[must_use]
    pub fn with(self, exit: Exit) -> Self {
        Self { exit, ..self }
    }
}

impl From<Fault> for CommandError {
    fn from(fault: Fault) -> Self {
        let exit = if fault.is_temporary() { Exit::Unavailable } else { Exit::Failed };
        Self { exit, sentence: fault.chain() }
    }
}

impl From<ActionError> for CommandError {
    fn from(error: ActionError) -> Self {
        let exit = match error {
            ActionError::Fault(fault) => return fault.into(),
            ActionError::Invalid(_) => Exit::Usage,
            ActionError::Limited { .. } | ActionError::Overloaded => Exit::Unavailable,
            ActionError::Forbidden | ActionError::NotFound | ActionError::Conflict(_) => Exit::Failed,
        };
        Self { exit, sentence: error.to_string() }
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self { exit: Exit::Configuration, sentence: error.to_string() }
    }
}

/// Converts a fault during the start: one that is not temporary gets the exit code for configuration errors.
pub fn opening(fault: Fault) -> CommandError {
    let is_temporary = fault.is_temporary();
    let error = CommandError::from(fault);
    if is_temporary { error } else { error.with(Exit::Configuration) }
}

/// Prints the failure of a command and returns the exit code.
pub fn exit_code(result: Result<(), CommandError>) -> Exit {
    match result {
        Ok(()) => Exit::Done,
        Err(error) => {
            print_notice(&format!("countersign: {error}"));
            error.exit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Conflict, FieldProblem};

    #[test]
    fn an_invalid_value_is_a_usage_error_with_a_line_for_each_field() {
        let problem = |field, sentence: &str| FieldProblem { field, sentence: sentence.to_owned() };
        let problems = vec![problem("email", "has no @"), problem("password", "is too short")];
        let failed = CommandError::from(ActionError::Invalid(problems));
        assert_eq!(
            (failed.exit, failed.sentence.as_str()),
            (Exit::Usage, "email: has no @\npassword: is too short")
        );
        let taken = Conflict::UsernameTaken { pool: "people".to_owned(), username: "ada".to_owned() };
        let failed = CommandError::from(ActionError::Conflict(taken));
        let sentence = "the pool people has a person named ada already";
        assert_eq!((failed.exit, failed.sentence.as_str()), (Exit::Failed, sentence));
        let away = ActionError::Fault(Fault::away("the database cannot be opened", "connection refused"));
        assert_eq!(CommandError::from(away).exit, Exit::Unavailable);
    }

    #[test]
    fn a_permanent_fault_at_start_is_a_configuration_error_and_a_temporary_one_is_not() {
        let away = || Fault::away("the database cannot be opened", "connection refused");
        let broken = || Fault::broken("this database was made with another encryption key");
        assert_eq!(opening(away()).exit, Exit::Unavailable);
        assert_eq!(opening(broken()).exit, Exit::Configuration);
        assert_eq!(CommandError::from(broken()).exit, Exit::Failed);
        assert_eq!(opening(away()).sentence, "the database cannot be opened: connection refused");
    }
}
