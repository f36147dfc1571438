//! The demo's relying party: `routes` → `sign_in` → `authorization` → `redemption` → `notebook`.
//! Never calls the server's code: it uses the provider over HTTP only.
//! Spec: OpenID Connect Core §3.1, Discovery, RP-Initiated Logout, RFC 7636, RFC 9207, RFC 9470 (step-up).
//! Called by: `demo::run`, which serves [`routes`] on its own port.

mod application;
mod authorization;
mod bounded;
mod failure;
mod failure_page;
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

pub use application::RelyingParty;
pub use routes::routes;
pub use settings::{APPLICATION_NAME, RelyingPartySettings};
