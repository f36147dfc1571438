//! What is the same for everyone: style sheets and scripts, the authenticator's files, health, and
//! what a person sees when there is no answer.
//!
//! Never knows who asks.
//! Spec: RFC 9110 (validators); Content Security Policy Level 3.
//! Called by: `routes`.

mod assets;
mod authenticator;
mod errors;
mod health;

pub use assets::asset;
pub use authenticator::{AuthenticatorFiles, to_authenticator};
pub use errors::ErrorPages;
pub use health::{livez, readyz};
