//! A sign-in in progress, and its current step.

use super::assurance::{Assurance, amr};
use super::demand::{Demand, LiveSession};
use super::inputs::{Consent, Inputs};
use super::requirement::{Missing, Requirement, RequirementReason, reached};
use super::second::Second;
use super::step::{SignInFailure, Step};
use super::subject::Subject;
use crate::clock::Timestamp;
use crate::directory::{FactorKind, PoolPolicy};
use crate::factors::{Proof, method};
use crate::limits::lifetimes::{ENROLLMENT_FRESHNESS_SECONDS, JOURNEY_LIFETIME_SECONDS};
use crate::protocol::acr::Acr;
use ::entity::ids::{AuthenticatorId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A sign-in in progress: what was asked for, who was named, what was proved and allowed, and how it ended. Stored as
/// JSON. Everything else by which it is judged is in [`Inputs`], read anew for each step. A member that restricts the
/// sign-in belongs into the demand, whose unknown members fail closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    pub(super) began_at: Timestamp,
    pub(super) demand: Demand,
    pub(super) session: Option<LiveSession>,
    #[serde(default)]
    pub(super) subject: Subject,
    /// Whether a username was entered in this sign-in.
    pub(super) is_chosen: bool,
    /// The proofs of this sign-in.
    pub(super) proofs: Vec<Proof>,
    pub(super) is_consented: bool,
    /// Whether a device was enrolled in this sign-in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_added_device: bool,
    pub(super) ended: Option<SignInFailure>,
}

impl Journey {
    /// Begins a sign-in. `session` is this browser's session, of a person whose pool the client admits. The
    /// sign-in starts from it unless the request is about another person.
    pub fn begin(demand: Demand, session: Option<LiveSession>, now: Timestamp) -> Self {
        let person = session.as_ref().map(|session| session.person);
        let subject = person.filter(|person| demand.is_about(*person)).map(Subject::Person);
        Self {
            began_at: now,
            demand,
            session,
            subject: subject.unwrap_or_default(),
            is_chosen: false,
            proofs: Vec::new(),
            is_consented: false,
            has_added_device: false,
            ended: None,
        }
    }

    /// Returns who was named.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Returns the demand of the request.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// Returns the session from which the sign-in starts.
    pub fn session(&self) -> Option<&LiveSession> {
        self.session.as_ref()
    }

    /// Returns the time at which it began.
    pub fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// Returns whether a first factor of the person was proved in this sign-in.
    pub fn has_fresh_first_factor(&self, inputs: &Inputs) -> bool {
        self.own_proofs(inputs).any(|proof| inputs.policy.first_factors.contains(&proof.kind()))
    }

    /// Returns whether a username may still be entered: no person is known, or the known one still has to
    /// prove a first factor.
    pub fn may_identify(&self, inputs: &Inputs, now: Timestamp) -> bool {
        match self.step(inputs, now) {
            Step::Identify => true,
            Step::Prove { kind, .. } => {
                inputs.policy.first_factors.contains(&kind) && !self.has_fresh_first_factor(inputs)
            }
            _ => false,
        }
    }

    /// Returns whether the person has consented in this sign-in.
    pub fn is_consented(&self) -> bool {
        self.is_consented
    }

    /// Derives the current step, each time, so that a stored value cannot claim more than was done, and nothing that
    /// was true before decides.
    pub fn step(&self, inputs: &Inputs, now: Timestamp) -> Step {
        if let Some(refusal) = self.ended {
            return Step::Refused(refusal);
        }
        if self.is_barred(inputs) {
            return Step::Refused(SignInFailure::Cancelled);
        }
        if self.demand.acr.is_impossible() || inputs.demand.acr.is_impossible() {
            return Step::Refused(SignInFailure::Unmet);
        }
        if now.seconds_since(self.began_at) >= JOURNEY_LIFETIME_SECONDS {
            return Step::Refused(SignInFailure::TimedOut);
        }
        let is_named = self.subject != Subject::Unnamed;
        match is_named && (self.is_chosen || !self.demand.prompts.select_account) {
            true => self.owed(inputs, now),
            false => Step::Identify,
        }
    }

    /// Returns the next step of a known person.
    fn owed(&self, inputs: &Inputs, now: Timestamp) -> Step {
        let binding = Requirement::binding(&self.demand, &inputs.demand, &inputs.policy);
        let proofs = self.counted(inputs, &binding, now);
        let done_here: Vec<&Proof> = self.own_proofs(inputs).collect();
        let second = Second::of(inputs, &proofs, &binding, &done_here);
        let requirement =
            if second.is_reachable() { binding.join(Requirement::voluntary(&self.demand)) } else { binding };
        let missing = requirement.missing(&proofs, &inputs.policy);
        if missing == Some(Missing::First) {
            return self.first_factor(inputs, now);
        }
        if let Some(step) = self.password_change(inputs, &proofs) {
            return step;
        }
        match missing {
            Some(_) => self.second_factor(inputs, second, &requirement, &proofs),
            None => self.finish(inputs, &requirement, &proofs),
        }
    }

    fn first_factor(&self, inputs: &Inputs, now: Timestamp) -> Step {
        let stale =
            self.session_of(inputs).map(|session| self.stale_reasons(session, now)).unwrap_or_default();
        let reasons = if stale.is_empty() { [RequirementReason::NoSession].into() } else { stale };
        // The same for every username, whatever factors the person has: before the first factor, the response
        // must not reveal whether the person exists.
        ask(&inputs.policy.first_factors, reasons)
    }

    /// Returns the reasons why an existing session does not count.
    fn stale_reasons(&self, session: &LiveSession, now: Timestamp) -> BTreeSet<RequirementReason> {
        let age = Requirement { max_age: self.demand.max_age, ..Requirement::least() };
        let by_age = (!age.is_recent(session.auth_time, now)).then_some(RequirementReason::MaxAge);
        let by_prompt = self.demand.prompts.login.then_some(RequirementReason::PromptLogin);
        by_age.into_iter().chain(by_prompt).collect()
    }

    fn second_factor(
        &self,
        inputs: &Inputs,
        second: Second,
        requirement: &Requirement,
        proofs: &[&Proof],
    ) -> Step {
        let reasons = [RequirementReason::Acr, RequirementReason::ClientAcr, RequirementReason::SecondFactor];
        match second {
            Second::Has(kinds) => ask(
                &self.acceptable(kinds),
                reasons.into_iter().filter(|r| requirement.reasons.contains(r)).collect(),
            ),
            Second::MayEnroll(kinds) => {
                let is_fresh = |proof: &&Proof| {
                    inputs.policy.first_factors.contains(&proof.kind())
                        && self.began_at.seconds_since(proof.at()) <= ENROLLMENT_FRESHNESS_SECONDS
                };
                if proofs.iter().any(is_fresh) {
                    enroll(&kinds)
                } else {
                    ask(&inputs.policy.first_factors, [RequirementReason::Enrollment].into())
                }
            }
            Second::None => Step::Refused(SignInFailure::Unmet),
        }
    }

    /// Returns the second factors that this sign-in accepts of those that the person has.
    pub(super) fn acceptable(&self, kinds: Vec<FactorKind>) -> Vec<FactorKind> {
        // A code can be passed on to somebody else's page: it adds no device beside a phone.
        let untyped: Vec<_> = kinds.iter().copied().filter(|kind| !method(*kind).is_typed).collect();
        match self.demand.adds_device && !untyped.is_empty() {
            true => untyped,
            false => kinds,
        }
    }

    /// Finishes a sign-in in which all required factors are proved; consent may be missing.
    fn finish(&self, inputs: &Inputs, requirement: &Requirement, proofs: &[&Proof]) -> Step {
        let (Some(person), Some(acr)) = (self.admitted(inputs), reached(proofs, &inputs.policy)) else {
            return Step::Refused(SignInFailure::Unmet);
        };
        if !self.demand.is_about(person) {
            return Step::Refused(SignInFailure::OtherPerson);
        }
        let asks_always = self.demand.prompts.consent || inputs.demand.consent == Consent::Needed;
        if asks_always && !self.is_consented {
            return Step::Consent;
        }
        if !requirement.must_enroll.is_empty() && !self.has_added_device {
            return enroll(&requirement.must_enroll.iter().copied().collect::<Vec<_>>());
        }
        Step::Satisfied(self.assurance(inputs, person, acr, proofs))
    }

    fn assurance(&self, inputs: &Inputs, person: PersonId, acr: Acr, proofs: &[&Proof]) -> Assurance {
        let session = self.session_of(inputs);
        let done_here = self.own_proofs(inputs).map(Proof::at).max();
        let auth_time = match (session, done_here) {
            (Some(session), _) if !self.has_fresh_first_factor(inputs) => session.auth_time,
            (_, Some(done_here)) => done_here,
            (_, None) => self.began_at,
        };
        let acr = self.demand.acr.answer(acr);
        Assurance {
            person,
            acr,
            relies_on: relied_on(proofs, &inputs.policy, acr),
            amr: amr(proofs),
            auth_time,
            proofs: proofs.iter().map(|proof| (*proof).clone()).collect(),
            session: session.filter(|_| done_here.is_none()).map(|session| session.id),
        }
    }
}

/// Returns the authenticator of a held proof, if the others do not reach `acr`. A second held proof beside it is
/// not enough: the first of them stands for both.
fn relied_on(proofs: &[&Proof], policy: &PoolPolicy, acr: Acr) -> Option<AuthenticatorId> {
    let known: Vec<&Proof> = proofs.iter().copied().filter(|proof| !proof.is_held()).collect();
    let is_reached = reached(&known, policy).is_some_and(|reached| reached >= acr);
    let held = proofs.iter().find(|proof| proof.is_held() && !is_reached);
    held.and_then(|proof| proof.authenticator())
}

/// Returns the step that asks for the first of `kinds` and offers the others. Without any kind the sign-in
/// fails.
pub(super) fn ask(kinds: &[FactorKind], reasons: BTreeSet<RequirementReason>) -> Step {
    match kinds.split_first() {
        Some((kind, alternatives)) => {
            Step::Prove { kind: *kind, alternatives: alternatives.to_vec(), reasons }
        }
        None => Step::Refused(SignInFailure::Unmet),
    }
}

/// Returns the step that adds the first of `kinds`, or one of the others. Without any kind the sign-in fails.
fn enroll(kinds: &[FactorKind]) -> Step {
    match kinds.split_first() {
        Some((kind, alternatives)) => Step::Enroll { kind: *kind, alternatives: alternatives.to_vec() },
        None => Step::Refused(SignInFailure::Unmet),
    }
}

#[cfg(test)]
mod tests;
