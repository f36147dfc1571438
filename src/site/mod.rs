//! Serves what does not depend on the person: assets, the authenticator's files, health checks, error pages.
//! Never reads a session.
//! Spec: RFC 9110 (validators), Content Security Policy Level 3.
//! Called by: `routes`.

mod assets;
mod authenticator;
mod errors;
mod health;

pub use assets::asset;
pub use authenticator::{AuthenticatorFiles, to_authenticator};
pub use errors::ErrorPages;
pub use health::{livez, readyz};
