//! What a sign-in is judged by besides its own facts: the policy, the person's methods and the demand of the client, as
//! they are now. They are read anew for each step and never stored.

use super::authenticators::Authenticators;
use crate::directory::{FactorKind, PoolPolicy};
use crate::factors::method;
use crate::protocol::acr::AcrRequest;
use ::entity::ids::PersonId;

/// What is true at this moment of the named person, of their pool and of the client, as the directory and the database
/// say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// The policy of the person's pool; for an unknown name, that of the client's first pool.
    pub policy: PoolPolicy,
    /// The person, and what they can prove.
    pub methods: Methods,
    /// What the client demands of every sign-in.
    pub demand: ClientDemand,
}

/// The named person, and what they can prove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Methods {
    /// The person; `None` for an unknown name, which sees the same steps and never succeeds, and for a person who may
    /// not sign in here.
    pub person: Option<PersonId>,
    /// The factors that the person can use now.
    pub kinds: Vec<FactorKind>,
    /// Whether the person may enroll a second factor in this sign-in: only if they have none, not even a
    /// suspended one.
    pub may_enroll: bool,
    /// Whether the password must be changed.
    pub must_change_password: bool,
    /// The authenticators by which proofs count.
    pub authenticators: Authenticators,
}

/// What a client demands of every sign-in, besides the demand of the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientDemand {
    /// The class that it always requires, from [`ClientDemand::acr`].
    pub acr: AcrRequest,
    /// Whether it needs the person's consent.
    pub consent: Consent,
}

/// The state of the person's consent for the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// The operator's setting implies consent.
    NotNeeded,
    /// Consent is needed and not given yet.
    #[default]
    Needed,
    /// An earlier consent covers the request.
    Given,
}

impl ClientDemand {
    /// Reads a client's setting `required_acr`. An unknown value can never be reached, so that every sign-in
    /// fails.
    pub fn acr(required_acr: Option<&str>) -> AcrRequest {
        required_acr.map_or(AcrRequest::Any, |value| AcrRequest::essential([value]))
    }
}

impl Methods {
    /// Whether the person has a factor that is held, and can use it now.
    pub fn has_held_factor(&self) -> bool {
        self.kinds.iter().any(|kind| method(*kind).classes.held)
    }
}

impl Inputs {
    /// Returns those of an unknown name, in a pool with this policy.
    pub fn nobody(policy: PoolPolicy, acr: AcrRequest) -> Self {
        let methods = Methods { kinds: policy.first_factors.clone(), ..Methods::default() };
        Self { policy, methods, demand: ClientDemand { acr, consent: Consent::Needed } }
    }
}
