//! What is the same for everyone: style sheets and scripts, the authenticator's files, the front page, health, and
//! what a person sees when there is no answer.
//!
//! Never knows who asks.
//! Spec: RFC 9110 (validators); Content Security Policy Level 3.
//! Called by: `routes`.

mod assets;
mod authenticator;
mod errors;
mod front_page;
mod health;

pub use assets::asset;
pub use authenticator::{AuthenticatorFiles, to_authenticator};
pub use errors::ErrorPages;
pub use front_page::home;
pub use health::{livez, readyz};
