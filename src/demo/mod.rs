//! The demo: a server with a seed (people, clients) and a relying party; `run` starts all of it.
//! Never used by the server itself.
//! Spec: OpenID Connect Core, from the relying party's side.
//! Called by: `main`.

mod addresses;
mod announcement;
mod claims;
mod database;
mod run;
mod seed;

/// An application that uses this provider for sign-in.
pub mod relying_party;

pub use run::demo;
