//! Exit codes: what a script or a service manager decides by (`sysexits.h`).

use std::process::{ExitCode, Termination};

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// It failed, and trying again as it stands is no use.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// Something this server depends on is away.
    Unavailable = 69,
    /// Busy or interrupted: try again.
    Temporary = 75,
    /// The system forbids it.
    Permission = 77,
    /// The configuration or the database's schema must be mended first; restarting is no use.
    Configuration = 78,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
