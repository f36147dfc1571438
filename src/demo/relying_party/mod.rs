//! The demo's relying party: a small notebook that leaves signing in to its provider.
//!
//! Never reaches into the house: all it knows of the provider came over HTTP.
//! Spec: OpenID Connect Core §3.1, Discovery, RP-Initiated Logout, RFC 7636, RFC 9207, RFC 9470 (step-up).
//! Called by: `main`, which serves [`routes`] on a port of its own.
//!
//! The walk: `routes` → `sign_in` → `authorization` (the browser leaves) → `redemption` (it came back) → `notebook`.

mod application;
mod authorization;
mod bounded;
mod failure;
mod html;
mod http_client;
mod identity;
mod layout;
mod notebook;
mod pages;
mod provider;
mod redemption;
mod routes;
mod session;
mod settings;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod tests;

pub use application::{APPLICATION_NAME, RelyingParty};
pub use routes::routes;
pub use settings::RelyingPartySettings;
