//! Countersign: a self-hosted OpenID Connect identity provider with approvals on the phone.
//!
//! Module map. A module may use only modules in lower layers; `tests/all/architecture.rs` contains the table.

// Usable everywhere.
/// Time: the injected clock and timestamps.
pub mod clock;
/// Settings, their defaults and documentation.
pub mod config;
/// Randomness: the injected source of random bytes and ids.
pub mod entropy;

// Types without I/O or decisions.
/// Audit event types: codes and details.
pub mod audit;
/// Values that an operator configures: workspaces, pools, clients, people.
pub mod directory;
/// Every rate limit, lockout, concurrency limit, size limit and lifetime.
pub mod limits;

// The pure core: values and decisions without I/O.
/// Factors: how a person proves who they are.
pub mod factors;
/// The sign-in state machine, its requirements and the assurance reached.
pub mod journey;
/// The rules of the specifications: requests, responses, errors.
pub mod protocol;

// Storage, keys, pages and deliveries.
/// Signing keys and sealing keys.
pub mod keys;
/// Queued deliveries: the outbox, its dispatcher and the guard of outbound requests.
pub mod outbox;
/// The database: queries and transactions.
pub mod storage;
/// Typed pages and their templates.
pub mod themes;

// HTTP, wiring and the interfaces.
/// Use cases, written once for every interface.
pub mod actions;
/// Wiring: from the configuration to the shared services.
pub mod app;
/// The interface for authenticators.
pub mod device_api;
/// HTTP for all interfaces: server, middleware, headers, cookies, URLs.
pub mod http;
/// The interface for applications: token, userinfo, introspection, revocation, discovery.
pub mod oidc;
/// The interface for people who sign in.
pub mod signin;
/// The front page, the set-up forms, static files and health checks.
pub mod site;
/// What the HTTP interfaces share: request context, forms, pages, problem documents.
pub mod web;
/// Background tasks: the outbox dispatcher, the retention, the re-read.
pub mod workers;

// The program.
/// The syntax of the command line.
pub mod cli;
/// The demo and its relying party.
#[cfg(feature = "demo")]
pub mod demo;
/// The commands of the operator.
pub mod operator;
/// Parses the command line and runs the command.
pub mod program;
/// Every URL bound to its handler.
pub mod routes;
