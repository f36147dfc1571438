//! Exit codes of the program, for scripts and service managers (`sysexits.h`).

use std::process::{ExitCode, Termination};

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The command failed, and another attempt without a change fails too.
    Failed = 1,
    /// The command line is not valid.
    Usage = 2,
    /// A resource that the server depends on is unavailable.
    Unavailable = 69,
    /// Busy or interrupted: try again.
    Temporary = 75,
    /// The operating system denies permission.
    Permission = 77,
    /// The configuration or the database's schema must be corrected first; a restart does not help.
    Configuration = 78,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
