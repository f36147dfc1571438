//! What the authenticator calls: enroll, fetch a challenge, answer it.
//!
//! Never moves a sign-in: it lays a signed answer on the table.
//! Spec: `docs/authenticator-protocol.md`.
//! Called by: `routes`.
