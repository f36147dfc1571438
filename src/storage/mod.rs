//! The questions that are asked of the database; the only room that knows there is one.
//!
//! Never decides: rules live in the heart, and what is single-use is taken here by one statement.
//! Spec: RFC 6749 §10.5 and RFC 9700 §4 for what is used once.
//! Called by: the faces and the outbox.
//!
//! [`Storage`] reads; [`Storage::begin`] opens a [`Transaction`], one short write transaction that the face commits after
//! everything slow is done. One file for each aggregate; the verbs say what can happen: `find` may find nothing,
//! `get` must exist or is a [`Fault`], `redeem` and `take` have at most one winner, ever.

pub mod access_tokens;
pub mod attempts;
pub mod audit;
pub mod authenticators;
pub mod challenges;
pub mod clients;
pub mod codes;
pub mod consents;
pub mod enrollments;
pub mod grants;
pub mod journeys;
pub mod outbox;
pub mod people;
pub mod pools;
pub mod refresh_tokens;
pub mod retention;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod transports;
pub mod workspaces;

mod bus;
mod connection;
mod database_file;
mod fault;
mod insert;
mod json;
mod live_access_tokens;
mod transaction;

#[cfg(test)]
mod tests;

pub use bus::{Bus, Topic, Waiter};
pub use connection::{Executor, OpenMode, PoolSize, Storage};
pub use fault::Fault;
pub use transaction::Transaction;
