//! The commands of the operator: run the server, manage people, applications, pools, workspaces and keys, read the audit
//! log.
//!
//! Never answers a request itself, and never prints a secret that is not its result.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`; `demo` runs its server the same way.
//!
//! One file or folder per kind of object. `opened` opens the database, `confirmation` asks before something is taken
//! away, `failure` defines how a command fails, `output` and `lists` where it writes; `listen` and `server` run a server
//! from start to shutdown. Commands work beside a running server on the same SQLite file: the server notices at its next
//! request what they changed.

mod audit;
mod client;
mod confirmation;
mod failure;
mod healthcheck;
mod keys;
mod listen;
mod lists;
mod migrate;
#[cfg(not(feature = "demo"))]
mod no_demo;
mod openapi;
mod opened;
mod output;
mod password;
mod person;
mod pool;
mod serve;
mod server;
mod times;
mod workspace;

pub use audit::run as run_audit;
pub use client::run as run_client;
pub use failure::{CommandError, exit_code, opening};
pub use healthcheck::healthcheck;
pub use keys::run as run_keys;
pub use listen::{listen, listen_nearby};
pub use migrate::migrate;
#[cfg(not(feature = "demo"))]
pub use no_demo::refuse_demo;
pub use openapi::openapi;
use output::print_part;
pub use output::{print_notice, print_result};
pub use person::run as run_person;
pub use pool::run as run_pool;
pub use serve::serve;
pub use server::RunningServer;
pub use workspace::run as run_workspace;
