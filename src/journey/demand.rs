//! What the request of a sign-in demands, and the browser's session from which it starts.

use crate::clock::Timestamp;
use crate::factors::Proof;
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

/// The demands of the request. They are what was asked, so that they are stored; those of the client are
/// [`super::ClientDemand`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredDemand", into = "StoredDemand")]
pub struct Demand {
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
    pub adds_device: bool,
}

impl Demand {
    /// Tells whether the request allows this person.
    pub fn is_about(&self, person: PersonId) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&person))
    }
}

/// The stored form.
#[derive(Serialize, Deserialize)]
struct StoredDemand {
    /// Written for nodes of an older version, which do not read a demand without it. Like this version, they judge by
    /// the setting of the client as it is now.
    #[serde(default)]
    client_acr: AcrRequest,
    acr: AcrRequest,
    max_age: Option<u32>,
    prompts: Prompts,
    subjects: Option<BTreeSet<PersonId>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    adds_device: bool,
}

impl From<StoredDemand> for Demand {
    fn from(stored: StoredDemand) -> Self {
        let StoredDemand { client_acr: _, acr, max_age, prompts, subjects, adds_device } = stored;
        Self { acr, max_age, prompts, subjects, adds_device }
    }
}

impl From<Demand> for StoredDemand {
    fn from(demand: Demand) -> Self {
        let Demand { acr, max_age, prompts, subjects, adds_device } = demand;
        Self { client_acr: AcrRequest::Any, acr, max_age, prompts, subjects, adds_device }
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
