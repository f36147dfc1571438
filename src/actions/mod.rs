//! Use cases: every change that a person, a device, a command or a background task causes, written once.
//!
//! Never parses a request and never renders a response.
//! Spec: none.
//! Called by: the interfaces, `workers`, `operator` and `demo`.
//!
//! One file per thing that changes. A use case takes the application, the context and its input. It does slow
//! work first, then opens one write transaction by [`Action::begin`], which checks the [`Right`], and writes
//! the audit event in it. Functions that take an open transaction are parts of several use cases.

pub mod account;
mod action;
pub mod approvals;
pub mod audit_log;
pub mod clients;
pub mod consents;
pub mod deliveries;
pub mod devices;
mod ending;
pub mod enrollment;
mod error;
pub mod expiry;
pub mod invitations;
pub mod keys;
mod letters;
mod new_password;
mod password;
pub mod people;
pub mod pools;
mod reported_source;
mod right;
pub mod sessions;
pub mod setup;
pub mod sign_in;
mod slices;
pub mod tickets;
pub mod tokens;
mod totp;
pub mod workspaces;

pub use action::Action;
pub use error::{ActionError, Conflict, FieldProblem};
pub use right::Right;
