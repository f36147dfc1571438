//! The demo: its seed, and its relying party, an application like any other.
//!
//! Never used by the server itself.
//! Spec: OpenID Connect Core, from the relying party's side.
//! Called by: `main`.

/// An application that signs its people in with this provider.
pub mod relying_party;
