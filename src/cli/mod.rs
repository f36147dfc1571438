//! The command line: its verbs and options, its exit codes, and how it writes the log.
//!
//! Never does what a verb says: `operator` and `demo` do it. Never takes a secret as a flag's value.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`.

mod exit;
mod log;
mod options;

pub use exit::Exit;
pub use log::{LogGuard, start_log};
pub use options::{
    Cli, ClientAdd, ClientCommand, Command, Common, Demo, Healthcheck, PersonAdd, PersonCommand,
    PersonResetMfa, Serve,
};
