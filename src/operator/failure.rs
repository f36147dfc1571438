//! Why a verb did not do its work: one sentence for people, one number for scripts.

use super::print_notice;
use crate::{cli::Exit, config::ConfigError, storage::Fault};

/// How a verb failed.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct CommandError {
    /// For scripts.
    pub exit: Exit,
    /// For people.
    pub sentence: String,
}

impl CommandError {
    /// It failed, and trying again as it stands is no use.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, sentence: sentence.into() }
    }

    /// The same, ending in another way.
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

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self { exit: Exit::Configuration, sentence: error.to_string() }
    }
}

/// What went wrong before the house was open: if it will not pass by itself, something must be mended first.
pub fn opening(fault: Fault) -> CommandError {
    let is_temporary = fault.is_temporary();
    let error = CommandError::from(fault);
    if is_temporary { error } else { error.with(Exit::Configuration) }
}

/// Says how a verb ended.
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

    #[test]
    fn what_passes_by_itself_is_told_from_what_must_be_mended() {
        let away = || Fault::away("the database cannot be opened", "connection refused");
        let broken = || Fault::broken("this database was made with another encryption key");
        assert_eq!(opening(away()).exit, Exit::Unavailable);
        assert_eq!(opening(broken()).exit, Exit::Configuration);
        assert_eq!(CommandError::from(broken()).exit, Exit::Failed);
        assert_eq!(opening(away()).sentence, "the database cannot be opened: connection refused");
    }
}
