//! What an operator does from the command line: run the server, add people and applications, mend what was lost.
//!
//! Never answers a request itself, and never prints a secret that is not its answer.
//! Spec: `sysexits.h` for how a verb ends.
//! Called by: `main`; `demo` runs its house the same way.
//!
//! A verb is a file. `error` says why one did not do its work, `output` where it writes, `listening` and
//! `open_house` are a server from its first to its last minute. Verbs on a SQLite database work beside a running
//! server: it keeps nothing in memory that decides who may sign in, and a client it has not met is looked up.

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
