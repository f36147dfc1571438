//! Countersign: a self-hosted OpenID Connect identity provider with approvals on the phone.
//!
//! The map. A room may open only rooms on lower shelves; `tests/all/architecture.rs` holds the table.

// 0: given to everyone
/// Time: given, never taken.
pub mod clock;
/// Every setting with its default and its reason.
pub mod config;
/// Chance: given, never taken.
pub mod entropy;

// 1: types only
/// Which events the audit trail knows.
pub mod audit;
/// What an operator configures, as values.
pub mod directory;

// 2 to 4: the heart, values and decisions
/// How someone proves who they are.
pub mod factors;
/// The sign-in and its policy.
pub mod journey;
/// What the specs say.
pub mod protocol;

// 5 to 7: the hands
/// Signing and sealing keys.
pub mod keys;
/// What leaves the house.
pub mod outbox;
/// The questions asked of the database.
pub mod storage;
/// Typed pages.
pub mod themes;

// 7 to 9: the faces, and what they are handed
/// What is wired once.
pub mod app;
/// What the authenticator calls.
pub mod device_api;
/// Manners that all faces share.
pub mod http;
/// Answers machines.
pub mod oidc;
/// Answers people.
pub mod signin;
/// What is the same for everyone: files, the front page, health.
pub mod site;

// 10: the whole
/// The command line as types.
pub mod cli;
/// The demo and its relying party.
#[cfg(feature = "demo")]
pub mod demo;
/// What an operator does from the command line.
pub mod operator;
/// Every URL, on one page.
pub mod routes;
