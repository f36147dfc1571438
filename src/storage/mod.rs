//! Queries of the database, one file per aggregate; no other module knows that there is a database.
//!
//! Never decides: rules live in the core, and a single-use value is consumed by one guarded statement.
//! Spec: RFC 6749 §10.5 and RFC 9700 §4 for single use. Called by: `actions`, the interfaces and `app`.
//!
//! [`Storage`] reads; [`Storage::begin`] opens a [`Transaction`], one short write transaction that the caller
//! commits after all slow work is done. Function names say what can happen: `find` may find nothing, `get`
//! fails with a [`Fault`] when there is no row, `redeem`, `consume` and `take` succeed at most once.

pub mod access_tokens;
pub mod attempts;
pub mod audit;
pub mod authenticators;
pub mod challenges;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod deletions;
pub mod enrollments;
pub mod grants;
pub mod journeys;
pub mod outbox;
pub mod people;
pub mod person_records;
pub mod pools;
pub mod refresh_tokens;
pub mod retention;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod stored;
pub mod tickets;
pub mod transports;
pub mod workspaces;

mod bus;
mod completion;
mod connection;
mod connection_checks;
mod database_error;
mod database_file;
mod directory_version;
mod executor;
mod health;
mod insert;
mod listener;
mod live_access_tokens;
pub mod liveness;
mod monitored;
mod schema;
mod slices;
mod transaction;
mod transitions;
mod trouble;
mod walks;

#[cfg(test)]
mod commit_tests;
#[cfg(test)]
mod tests;

pub use bus::{Bus, Topic, Waiter};
pub use connection::{OpenMode, PoolSize, Storage};
pub use directory_version::Freshness;
pub use executor::Executor;
pub use monitored::Monitored;
pub use transaction::Transaction;

pub use crate::fault::{Cause, Fault};
