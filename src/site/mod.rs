//! Serves what belongs to no sign-in: the front page, the set-up forms, assets, the authenticator's files,
//! health checks.
//! Never begins or continues a sign-in.
//! Spec: RFC 9110 (validators), Content Security Policy Level 3.
//! Called by: `routes`.

mod assets;
mod authenticator;
mod health;
pub mod home;
pub mod setup;

pub use assets::asset;
pub use authenticator::{AuthenticatorFiles, to_authenticator};
pub use health::{livez, readyz};
