//! The proofs that count for a sign-in.

use super::demand::{Enrolled, LiveSession};
use super::requirement::Requirement;
use super::state::Journey;
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::Proof;
use std::collections::BTreeMap;

impl Journey {
    /// Returns the proofs that count: this person's, of this sign-in and, while recent enough, of the
    /// session. The latest of each kind, in the order of kinds.
    pub(super) fn counted<'a>(
        &'a self,
        subject: &Enrolled,
        binding: &Requirement,
        now: Timestamp,
    ) -> Vec<&'a Proof> {
        let of_session = self
            .session_of(subject)
            .filter(|session| binding.is_recent(session.auth_time, now))
            .map(|session| session.proofs.as_slice())
            .unwrap_or_default();
        let is_own = |proof: &&Proof| Some(proof.person()) == subject.person;
        let is_fresh = |proof: &&Proof| !proof.is_held() || binding.is_fresh(proof.at(), now);
        let of_session = of_session.iter().filter(is_fresh);
        let counts = |proof: &&Proof| is_own(proof) && subject.authenticators.vouch_for(proof);
        let latest: BTreeMap<FactorKind, &Proof> =
            of_session.chain(&self.proofs).filter(counts).map(|proof| (proof.kind(), proof)).collect();
        latest.into_values().collect()
    }

    /// The proofs of this sign-in that count: of this person, by authenticators that are active.
    pub(super) fn own_proofs<'a>(&'a self, subject: &'a Enrolled) -> impl Iterator<Item = &'a Proof> {
        self.given_proofs(subject).filter(|proof| subject.authenticators.vouch_for(proof))
    }

    /// The proofs that this person has given in this sign-in, whether or not they still count.
    pub(super) fn given_proofs<'a>(&'a self, subject: &'a Enrolled) -> impl Iterator<Item = &'a Proof> {
        self.proofs.iter().filter(|proof| Some(proof.person()) == subject.person)
    }

    pub(super) fn session_of(&self, subject: &Enrolled) -> Option<&LiveSession> {
        self.session.as_ref().filter(|session| Some(session.person) == subject.person)
    }
}
