//! The commands of the operator: run the server, add people and applications, reset lost factors.
//!
//! Never answers a request itself, and never prints a secret that is not its result.
//! Spec: `sysexits.h` for the exit codes.
//! Called by: `main`; `demo` runs its server the same way.
//!
//! One file per command. `failure` defines how a command fails, `output` where it writes; `listen` and
//! `server` run a server from start to shutdown. Commands work beside a running server on the same SQLite
//! file: the server caches nothing that decides whether a person may sign in, and it looks up clients that it
//! has not cached.

mod client;
mod failure;
mod healthcheck;
mod listen;
mod migrate;
#[cfg(not(feature = "demo"))]
mod no_demo;
mod openapi;
mod output;
mod person;
mod serve;
mod server;

pub use client::add as add_client;
pub use failure::{CommandError, exit_code, opening};
pub use healthcheck::healthcheck;
pub use listen::{listen, listen_nearby};
pub use migrate::migrate;
#[cfg(not(feature = "demo"))]
pub use no_demo::refuse_demo;
pub use openapi::openapi;
pub use output::{print_notice, print_result};
pub use person::{add as add_person, reset_mfa};
pub use serve::serve;
pub use server::RunningServer;
