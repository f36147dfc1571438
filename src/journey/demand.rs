//! What a sign-in starts from: what is demanded, the person as far as known, the session as far as there is one.

use crate::clock::Timestamp;
use crate::directory::{FactorKind, PoolPolicy};
use crate::factors::Proof;
use crate::protocol::acr::AcrRequest;
use ::entity::ids::{BrowserSessionId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The values of `prompt` that ask for a page (OpenID Connect Core §3.1.2.1). `none` is [`super::Journey::silently`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompts {
    /// Every required factor again.
    pub login: bool,
    /// Consent even where it is remembered.
    pub consent: bool,
    /// Which account, even where one is signed in.
    pub select_account: bool,
}

/// What the request and the client demand of a sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What the client always needs: [`Demand::client_acr`] makes it.
    pub client_acr: AcrRequest,
    /// What this request asks for.
    pub acr: AcrRequest,
    /// At most so many seconds since the person authenticated.
    pub max_age: Option<u32>,
    /// Which pages are asked for.
    pub prompts: Prompts,
    /// The people of whom it must be one: from `id_token_hint` and the `claims` parameter; `None` for anybody.
    pub subjects: Option<BTreeSet<PersonId>>,
}

impl Demand {
    /// Whether it may be this person.
    pub fn is_about(&self, person: PersonId) -> bool {
        self.subjects.as_ref().is_none_or(|subjects| subjects.contains(&person))
    }

    /// The rule of a client's setting `required_acr`: a value that is not ours can never be reached, and fails closed.
    pub fn client_acr(required_acr: Option<&str>) -> AcrRequest {
        required_acr.map_or(AcrRequest::Any, |value| AcrRequest::essential([value]))
    }
}

/// Whether the person has to be asked before the client gets anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nobody asks: it is implied by the operator.
    NotNeeded,
    /// It is needed and not there.
    #[default]
    Needed,
    /// It is remembered.
    Given,
}

/// A person, as far as a sign-in must know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// Who; `None` for a name that does not exist, which takes the same steps and never gets through.
    pub person: Option<PersonId>,
    /// Their pool's policy; for a name that does not exist, that of the client's first pool.
    pub policy: PoolPolicy,
    /// The methods that they can use now.
    pub kinds: Vec<FactorKind>,
    /// Whether they may enroll a second factor in this sign-in: only where they have none, not even a suspended one.
    pub may_enroll: bool,
    /// Whether this client's scopes need their consent.
    pub consent: Consent,
}

impl Enrolled {
    /// A name that does not exist, in a pool with this policy.
    pub fn nobody(policy: PoolPolicy) -> Self {
        let kinds = policy.first_factors.clone();
        Self { person: None, policy, kinds, may_enroll: false, consent: Consent::Needed }
    }
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Its row.
    pub id: BrowserSessionId,
    /// Who is signed in.
    pub person: PersonId,
    /// What was really done.
    pub proofs: Vec<Proof>,
    /// When a first factor was last proved.
    pub auth_time: Timestamp,
}
