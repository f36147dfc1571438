//! The command line: its commands and options, its exit codes, and the log.
//!
//! Never executes a command: `operator` and `demo` do. Never takes a secret as the value of a flag.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`.

mod clients;
mod command;
mod exit;
mod log;
mod options;
mod panic_message;
mod people;
mod refusal;
mod sources;

pub use clients::{ClientAdd, ClientCommand};
pub use command::{Cli, Command};
pub use exit::Exit;
pub use log::{LogGuard, start_log};
pub use options::{Common, Demo, Healthcheck, Serve};
pub use panic_message::install_panic_message;
pub use people::{PersonAdd, PersonCommand, PersonResetMfa};
pub use refusal::without_secrets;
