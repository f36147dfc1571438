//! The command line: its commands and options, its exit codes, and the log.
//!
//! Never executes a command: `operator` and `demo` do. Never takes a secret as the value of a flag.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`.

mod exit;
mod log;
mod options;
mod panic_message;
mod refusal;

pub use exit::Exit;
pub use log::{LogGuard, start_log};
pub use options::{
    Cli, ClientAdd, ClientCommand, Command, Common, Demo, Healthcheck, PersonAdd, PersonCommand,
    PersonResetMfa, Serve,
};
pub use panic_message::install_panic_message;
pub use refusal::without_secrets;
