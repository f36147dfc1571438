//! The command line: its commands and options, its exit codes, and the log.
//!
//! Never executes a command: `operator` and `demo` do. Never takes a secret as the value of a flag.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`.

mod audit;
mod clients;
mod command;
mod directory;
mod exit;
mod keys;
mod log;
mod options;
mod panic_message;
mod people;
mod refusal;
mod sources;

pub use audit::{AuditCommand, AuditList, AuditSelection};
pub use clients::{
    ChangeClient, ClientAdd, ClientCommand, ClientList, ClientRotateSecret, ClientSet, LifetimeOptions,
    NO_ACR, WhichClient,
};
pub use command::{Cli, Command};
pub use directory::{
    ListOptions, PoolCommand, PoolList, PoolSet, WhichPool, WorkspaceAdd, WorkspaceCommand, WorkspaceSet,
    WorkspaceShow,
};
pub use exit::Exit;
pub use keys::{KeysCommand, KeysList, KeysRetire, KeysRotate, PurposeOption};
pub use log::{LogGuard, start_log};
pub use options::{Common, Demo, Healthcheck, Serve};
pub use panic_message::install_panic_message;
pub use people::{
    ChangePerson, PersonAdd, PersonCommand, PersonDelete, PersonInvite, PersonList, PersonRemoveDevice,
    PersonRevokeConsent, PersonSetPassword, Place, Profile, WhichPerson,
};
pub use refusal::without_secrets;
