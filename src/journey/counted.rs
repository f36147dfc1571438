//! The proofs that count for a sign-in, and the person whose they are.

use super::demand::LiveSession;
use super::inputs::Inputs;
use super::requirement::Requirement;
use super::state::Journey;
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::Proof;
use ::entity::ids::PersonId;
use std::collections::BTreeMap;

impl Journey {
    /// Returns the proofs that count: this person's, of this sign-in and, while recent enough, of the
    /// session. The latest of each kind, in the order of kinds.
    pub(super) fn counted<'a>(
        &'a self,
        inputs: &Inputs,
        binding: &Requirement,
        now: Timestamp,
    ) -> Vec<&'a Proof> {
        let of_session = self
            .session_of(inputs)
            .filter(|session| binding.is_recent(session.auth_time, now))
            .map(|session| session.proofs.as_slice())
            .unwrap_or_default();
        let person = self.admitted(inputs);
        let is_fresh = |proof: &&Proof| !proof.is_held() || binding.is_fresh(proof.at(), now);
        let of_session = of_session.iter().filter(is_fresh);
        let counts =
            |proof: &&Proof| Some(proof.person()) == person && inputs.methods.authenticators.vouch_for(proof);
        let latest: BTreeMap<FactorKind, &Proof> =
            of_session.chain(&self.proofs).filter(counts).map(|proof| (proof.kind(), proof)).collect();
        latest.into_values().collect()
    }

    /// The named person, if they may sign in here now.
    pub(super) fn admitted(&self, inputs: &Inputs) -> Option<PersonId> {
        self.subject.person().filter(|person| inputs.methods.person == Some(*person))
    }

    /// The proofs of this sign-in that count: of this person, by authenticators that are active.
    pub(super) fn own_proofs<'a>(&'a self, inputs: &'a Inputs) -> impl Iterator<Item = &'a Proof> {
        let person = self.admitted(inputs);
        let counts = move |proof: &&Proof| {
            Some(proof.person()) == person && inputs.methods.authenticators.vouch_for(proof)
        };
        self.proofs.iter().filter(counts)
    }

    /// The session, if it is of the named person, who may sign in here now.
    pub(super) fn session_of(&self, inputs: &Inputs) -> Option<&LiveSession> {
        let person = self.admitted(inputs);
        self.session.as_ref().filter(|session| Some(session.person) == person)
    }
}
