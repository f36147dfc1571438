//! A sign-in together with its inputs, for the tests of this module.

use super::authenticators::Authenticators;
use super::demand::{Demand, LiveSession};
use super::inputs::{ClientDemand, Consent, Inputs, Methods};
use super::step::{Effect, Event, Step};
use super::{Assurance, SilentRefusal};
use crate::clock::Timestamp;
use crate::directory::{FactorKind, PoolPolicy};
use crate::protocol::acr::AcrRequest;
use ::entity::ids::PersonId;

/// What is true of a person and of the client, in one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Enrolled {
    pub person: Option<PersonId>,
    pub policy: PoolPolicy,
    pub kinds: Vec<FactorKind>,
    pub may_enroll: bool,
    pub consent: Consent,
    pub must_change_password: bool,
    pub authenticators: Authenticators,
    pub client_acr: AcrRequest,
}

impl Enrolled {
    /// A name that does not exist.
    pub(super) fn nobody(policy: PoolPolicy) -> Self {
        let Inputs { policy, methods, demand } = Inputs::nobody(policy, AcrRequest::Any);
        Self {
            person: methods.person,
            policy,
            kinds: methods.kinds,
            may_enroll: methods.may_enroll,
            consent: demand.consent,
            must_change_password: methods.must_change_password,
            authenticators: methods.authenticators,
            client_acr: demand.acr,
        }
    }

    pub(super) fn inputs(self) -> Inputs {
        Inputs {
            policy: self.policy,
            methods: Methods {
                person: self.person,
                kinds: self.kinds,
                may_enroll: self.may_enroll,
                must_change_password: self.must_change_password,
                authenticators: self.authenticators,
            },
            demand: ClientDemand { acr: self.client_acr, consent: self.consent },
        }
    }
}

pub(super) fn identified(enrolled: Enrolled) -> Event {
    Event::Identified(Box::new(enrolled.inputs()))
}

pub(super) fn device_added(enrolled: Enrolled) -> Event {
    Event::DeviceAdded(Box::new(enrolled.inputs()))
}

pub(super) fn password_changed(enrolled: Enrolled) -> Event {
    Event::PasswordChanged(Box::new(enrolled.inputs()))
}

/// A sign-in with the inputs of its last event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Journey {
    pub facts: super::Journey,
    pub inputs: Inputs,
}

impl Journey {
    pub(super) fn begin(demand: Demand, live: Option<(LiveSession, Enrolled)>, now: Timestamp) -> Self {
        let (session, enrolled) = live.unzip();
        let inputs = enrolled.map(Enrolled::inputs).unwrap_or_default();
        Self { facts: super::Journey::begin(demand, session, now), inputs }
    }

    /// The same sign-in while something else is true.
    pub(super) fn while_true(self, enrolled: Enrolled) -> Self {
        Self { inputs: enrolled.inputs(), ..self }
    }

    /// The same sign-in at a client that always requires this class.
    pub(super) fn at_client(mut self, required_acr: &str) -> Self {
        self.inputs.demand.acr = ClientDemand::acr(Some(required_acr));
        self
    }

    pub(super) fn step(&self, now: Timestamp) -> Step {
        self.facts.step(&self.inputs, now)
    }

    pub(super) fn silently(&self, now: Timestamp) -> Result<Assurance, SilentRefusal> {
        self.facts.silently(&self.inputs, now)
    }

    pub(super) fn person(&self) -> Option<PersonId> {
        self.facts.person(&self.inputs)
    }
}

pub(super) fn advance(journey: Journey, event: Event, now: Timestamp) -> (Journey, Step, Vec<Effect>) {
    let advanced = super::advance(journey.facts, journey.inputs, event, now);
    (Journey { facts: advanced.journey, inputs: advanced.inputs }, advanced.step, advanced.effects)
}
