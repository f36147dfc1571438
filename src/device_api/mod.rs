//! The device API that authenticators call: enroll, fetch a challenge, answer it.
//!
//! Never advances a sign-in: it stores a signed answer, which only the browser consumes.
//! Spec: `docs/authenticator-protocol.md`.
//! Called by: `routes`.
//!
//! A request passes `endpoint` (path, body, content type), then `device_request` (device proof), then one
//! operation, in a file by resource. `problem` is the register of codes and lists those of each operation,
//! `words` has the states and kinds.

#![expect(
    clippy::disallowed_types,
    reason = "the code that `#[OpenApi]` generates keeps its routes in a HashMap"
)]

mod action_error;
mod challenges;
mod device;
mod device_request;
mod document;
mod endpoint;
mod enrollments;
mod events;
mod key;
mod limits;
mod missing_member;
mod path_template;
mod policy;
mod problem;
mod signed_request;
mod transport;
mod unreadable;
mod uv_credential;
mod words;

pub use document::{document, service};
pub use endpoint::endpoint;
