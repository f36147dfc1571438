//! What the authenticator calls: enroll, fetch a challenge, answer it.
//!
//! Never moves a sign-in: it lays a signed answer on the table.
//! Spec: `docs/authenticator-protocol.md`.
//! Called by: `routes`.
//!
//! On the way in: `endpoint` (body, type) → `device_request` (who asks) → one operation, in a file by resource. On
//! the way out: `outcome` (what the document lists), `problem` (the register of codes).

#![expect(clippy::disallowed_types, reason = "what `#[OpenApi]` writes keeps its routes in a HashMap")]

mod challenges;
mod device;
mod device_request;
mod document;
mod endpoint;
mod enrollments;
mod events;
mod key;
mod limits;
mod outcome;
mod policy;
mod problem;
mod received;
mod suspension;
mod transport;
mod unreadable;
mod uv_credential;

pub use document::{document, service};
pub use endpoint::endpoint;
