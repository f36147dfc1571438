//! The demo: its seed, and its relying party, an application like any other.
//!
//! Never used by the server itself.
//! Spec: OpenID Connect Core, from the relying party's side.
//! Called by: `main`.
//!
//! `run` is the walk. `place` says where its data lie and what seals them, `seed` who is in it, `claims` what is known
//! of them, `addresses` keeps the redirect URIs current, `announcement` is what it prints.

mod addresses;
mod announcement;
mod claims;
mod database;
mod run;
mod seed;

/// An application that signs its people in with this provider.
pub mod relying_party;

pub use run::demo;
