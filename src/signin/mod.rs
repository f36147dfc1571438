//! The browser interface: the authorization endpoint, the steps of a sign-in, consent and sign-out.
//!
//! Never issues tokens: a sign-in ends in an authorization code, an error at the relying party, or a page.
//! Spec: OpenID Connect Core §3.1.2, RP-Initiated Logout, RFC 9207.
//! Called by: `routes`.
//!
//! `authorize` begins a sign-in. Each step has a file: `identifier`, `password`, `totp`, `push`, `enroll`,
//! `consent`. A step's handler loads the sign-in (`load`), establishes one new fact, and passes it to
//! `settle::apply_event`, the one place that saves, continues, finishes or fails a sign-in. `web` reads a
//! browser's request and builds the responses. While a page waits for the phone, it asks `events`; `watch`
//! reports changes.

pub mod authorize;
pub mod consent;
pub mod enroll;
pub mod events;
mod facts;
pub mod identifier;
pub mod password;
pub mod push;
pub mod signout;
pub mod totp;

mod audit;
mod client_response;
mod demand;
mod finish;
mod load;
mod person;
mod sealed_request;
mod settle;
mod sign_in;
mod watch;
