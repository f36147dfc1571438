//! The rules of the documents whose types are below storage; other modules declare theirs beside the type.

use super::{Stored, Unknown};
use crate::{
    directory::{ClientSettings, PoolPolicy, StandardClaims},
    factors::Proof,
    protocol::ClaimsParameter,
};

impl Stored for PoolPolicy {
    const PLACE: &'static str = "pool.policy";
    const UNKNOWN: Unknown = Unknown::FailClosed(&[""]);
}

impl Stored for ClientSettings {
    const PLACE: &'static str = "client.settings";
    const UNKNOWN: Unknown = Unknown::FailClosed(&[""]);
}

impl Stored for StandardClaims {
    const PLACE: &'static str = "person.claims";
}

impl Stored for ClaimsParameter {
    const PLACE: &'static str = "grant.claims";
}

/// [`Proof`] checks its version itself, because the state of a sign-in contains proofs as well.
impl Stored for Proof {
    const PLACE: &'static str = "browser_session.proofs";
}
