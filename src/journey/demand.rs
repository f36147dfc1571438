//! The inputs of a sign-in: the demands of request and client, the person, and the browser's session.

use super::authenticators::Authenticators;
use crate::clock::Timestamp;
use crate::directory::{FactorKind, PoolPolicy};
use crate::factors::{Proof, method};
use crate::protocol::acr::AcrRequest;
use ::entity::ids::{BrowserSessionId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The values of `prompt` that request a page (OpenID Connect Core §3.1.2.1). `none` is
/// [`super::Journey::silently`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompts {
    /// Requires every required factor again.
    pub login: bool,
    /// Asks for consent even if it is remembered.
    pub consent: bool,
    /// Asks for the account even if one is signed in.
    pub select_account: bool,
}

/// The demands of the request and the client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The class that the client always requires, from [`Demand::client_acr`].
    pub client_acr: AcrRequest,
    /// The class that this request asks for.
    pub acr: AcrRequest,
    /// The most seconds since the last authentication.
    pub max_age: Option<u32>,
    /// The requested pages.
    pub prompts: Prompts,
    /// The allowed people, from `id_token_hint` and the `claims` parameter; `None` allows everyone.
    pub subjects: Option<BTreeSet<PersonId>>,
    /// Whether the sign-in adds a device: it takes two factors, the held one proved in this sign-in, and at its
    /// end a device is enrolled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds_device: bool,
}

impl Demand {
    /// Tells whether the request allows this person.
    pub fn is_about(&self, person: PersonId) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&person))
    }

    /// Reads a client's setting `required_acr`. An unknown value can never be reached, so that every sign-in
    /// fails.
    pub fn client_acr(required_acr: Option<&str>) -> AcrRequest {
        required_acr.map_or(AcrRequest::Any, |value| AcrRequest::essential([value]))
    }
}

/// The state of the person's consent for the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The operator's setting implies consent.
    NotNeeded,
    /// Consent is needed and not given yet.
    #[default]
    Needed,
    /// An earlier consent covers the request.
    Given,
}

/// The properties of a person that a sign-in needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The person; `None` for an unknown name, which sees the same steps and never succeeds.
    pub person: Option<PersonId>,
    /// The policy of the person's pool; for an unknown name, that of the client's first pool.
    pub policy: PoolPolicy,
    /// The factors that the person can use now.
    pub kinds: Vec<FactorKind>,
    /// Whether the person may enroll a second factor in this sign-in: only if they have none, not even a
    /// suspended one.
    pub may_enroll: bool,
    /// The consent for this client's scopes.
    pub consent: Consent,
    /// Whether the password must be changed. Never stored: it is read each time.
    #[serde(skip)]
    pub must_change_password: bool,
    /// The authenticators by which proofs count. Never stored: they are read each time.
    #[serde(skip)]
    pub authenticators: Authenticators,
}

impl Enrolled {
    /// Whether the person has a factor that is held, and can use it now.
    pub fn has_held_factor(&self) -> bool {
        self.kinds.iter().any(|kind| method(*kind).classes.held)
    }

    /// Creates the stand-in for an unknown name, in a pool with this policy.
    pub fn nobody(policy: PoolPolicy) -> Self {
        let kinds = policy.first_factors.clone();
        Self {
            person: None,
            policy,
            kinds,
            may_enroll: false,
            consent: Consent::Needed,
            must_change_password: false,
            authenticators: Authenticators::default(),
        }
    }
}

/// The valid session of a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// The session's id.
    pub id: BrowserSessionId,
    /// The signed-in person.
    pub person: PersonId,
    /// The factors that the person proved.
    pub proofs: Vec<Proof>,
    /// The completion of the sign-in that last proved a first factor.
    pub auth_time: Timestamp,
}
