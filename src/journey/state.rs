//! A sign-in in progress, and its current step.

use super::assurance::{Assurance, amr};
use super::demand::{Consent, Demand, Enrolled, LiveSession};
use super::requirement::{Missing, Requirement, RequirementReason, reached};
use super::second::Second;
use super::step::{SignInFailure, Step};
use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::factors::{Proof, method};
use crate::limits::lifetimes::{ENROLLMENT_FRESHNESS_SECONDS, JOURNEY_LIFETIME_SECONDS};
use crate::protocol::acr::Acr;
use ::entity::ids::{AuthenticatorId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A sign-in in progress: the demand and what has been done. Stored as JSON. A member that restricts the
/// sign-in belongs into the demand, whose unknown members fail closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journey {
    pub(super) began_at: Timestamp,
    pub(super) demand: Demand,
    pub(super) session: Option<LiveSession>,
    pub(super) subject: Option<Enrolled>,
    /// Whether a username was entered in this sign-in.
    pub(super) is_chosen: bool,
    /// The proofs of this sign-in.
    pub(super) proofs: Vec<Proof>,
    pub(super) is_consented: bool,
    /// Whether a device was enrolled in this sign-in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) has_added_device: bool,
    pub(super) ended: Option<SignInFailure>,
    /// Whether [`Journey::with_facts`] found that the person may no longer sign in. Never stored.
    #[serde(skip)]
    pub(super) is_barred: bool,
}

impl Journey {
    /// Begins a sign-in. `live` is this browser's session with its person, whose pool the client admits. The
    /// sign-in starts from it unless the request is about another person.
    pub fn begin(demand: Demand, live: Option<(LiveSession, Enrolled)>, now: Timestamp) -> Self {
        let (session, subject) = live.unzip();
        let is_meant = |enrolled: &Enrolled| {
            demand.subjects.is_none() || enrolled.person.is_some_and(|person| demand.is_about(person))
        };
        let subject = subject.filter(is_meant);
        Self {
            began_at: now,
            demand,
            session,
            subject,
            is_chosen: false,
            proofs: Vec::new(),
            is_consented: false,
            has_added_device: false,
            ended: None,
            is_barred: false,
        }
    }

    /// Returns the person who is signing in, if known; perhaps nothing is proved yet.
    pub fn person(&self) -> Option<PersonId> {
        self.subject.as_ref()?.person
    }

    /// Returns what is known of the named person, or of the stand-in for a name that does not exist.
    pub fn enrolled(&self) -> Option<&Enrolled> {
        self.subject.as_ref()
    }

    /// Returns the demand.
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
    pub fn has_fresh_first_factor(&self) -> bool {
        self.subject.as_ref().is_some_and(|subject| {
            self.own_proofs(subject).any(|proof| subject.policy.first_factors.contains(&proof.kind()))
        })
    }

    /// Returns whether a username may still be entered: no person is known, or the known one still has to
    /// prove a first factor.
    pub fn may_identify(&self, now: Timestamp) -> bool {
        match (self.step(now), &self.subject) {
            (Step::Identify, _) => true,
            (Step::Prove { kind, .. }, Some(subject)) => {
                subject.policy.first_factors.contains(&kind) && !self.has_fresh_first_factor()
            }
            _ => false,
        }
    }

    /// Returns whether the person has consented in this sign-in.
    pub fn is_consented(&self) -> bool {
        self.is_consented
    }

    /// Returns whether it is about the person of the session from which it starts.
    pub fn is_of_session(&self) -> bool {
        self.subject.as_ref().is_some_and(|subject| self.session_of(subject).is_some())
    }

    /// Derives the current step, each time, so that a stored value cannot claim more than was done.
    pub fn step(&self, now: Timestamp) -> Step {
        if let Some(refusal) = self.ended {
            return Step::Refused(refusal);
        }
        if self.is_barred {
            return Step::Refused(SignInFailure::Cancelled);
        }
        if self.demand.acr.is_impossible() || self.demand.client_acr.is_impossible() {
            return Step::Refused(SignInFailure::Unmet);
        }
        if now.seconds_since(self.began_at) >= JOURNEY_LIFETIME_SECONDS {
            return Step::Refused(SignInFailure::TimedOut);
        }
        match &self.subject {
            Some(subject) if self.is_chosen || !self.demand.prompts.select_account => self.owed(subject, now),
            Some(_) | None => Step::Identify,
        }
    }

    /// Returns the next step of a known person.
    fn owed(&self, subject: &Enrolled, now: Timestamp) -> Step {
        let binding = Requirement::binding(&self.demand, &subject.policy);
        let proofs = self.counted(subject, &binding, now);
        let done_here: Vec<&Proof> = self.own_proofs(subject).collect();
        let second = Second::of(subject, &proofs, &binding, &done_here);
        let requirement =
            if second.is_reachable() { binding.join(Requirement::voluntary(&self.demand)) } else { binding };
        let missing = requirement.missing(&proofs, &subject.policy);
        if missing == Some(Missing::First) {
            return self.first_factor(subject, now);
        }
        if let Some(step) = self.password_change(subject, &proofs) {
            return step;
        }
        match missing {
            Some(_) => self.second_factor(subject, second, &requirement, &proofs),
            None => self.finish(subject, &requirement, &proofs),
        }
    }

    fn first_factor(&self, subject: &Enrolled, now: Timestamp) -> Step {
        let stale =
            self.session_of(subject).map(|session| self.stale_reasons(session, now)).unwrap_or_default();
        let reasons = if stale.is_empty() { [RequirementReason::NoSession].into() } else { stale };
        // The same for every username, whatever factors the person has: before the first factor, the response
        // must not reveal whether the person exists.
        ask(&subject.policy.first_factors, reasons)
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
        subject: &Enrolled,
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
                    subject.policy.first_factors.contains(&proof.kind())
                        && self.began_at.seconds_since(proof.at()) <= ENROLLMENT_FRESHNESS_SECONDS
                };
                if proofs.iter().any(is_fresh) {
                    enroll(&kinds)
                } else {
                    ask(&subject.policy.first_factors, [RequirementReason::Enrollment].into())
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
    fn finish(&self, subject: &Enrolled, requirement: &Requirement, proofs: &[&Proof]) -> Step {
        let (Some(person), Some(acr)) = (subject.person, reached(proofs, &subject.policy)) else {
            return Step::Refused(SignInFailure::Unmet);
        };
        if !self.demand.is_about(person) {
            return Step::Refused(SignInFailure::OtherPerson);
        }
        let asks_always = self.demand.prompts.consent || subject.consent == Consent::Needed;
        if asks_always && !self.is_consented {
            return Step::Consent;
        }
        if !requirement.must_enroll.is_empty() && !self.has_added_device {
            return enroll(&requirement.must_enroll.iter().copied().collect::<Vec<_>>());
        }
        Step::Satisfied(self.assurance(subject, person, acr, proofs))
    }

    fn assurance(&self, subject: &Enrolled, person: PersonId, acr: Acr, proofs: &[&Proof]) -> Assurance {
        let session = self.session_of(subject);
        let done_here = self.own_proofs(subject).map(Proof::at).max();
        let auth_time = match (session, done_here) {
            (Some(session), _) if !self.has_fresh_first_factor() => session.auth_time,
            (_, Some(done_here)) => done_here,
            (_, None) => self.began_at,
        };
        let acr = self.demand.acr.answer(acr);
        Assurance {
            person,
            acr,
            relies_on: relied_on(proofs, subject, acr),
            amr: amr(proofs),
            auth_time,
            proofs: proofs.iter().map(|proof| (*proof).clone()).collect(),
            session: session.filter(|_| done_here.is_none()).map(|session| session.id),
        }
    }
}

/// Returns the authenticator of a held proof, if the others do not reach `acr`. A second held proof beside it is
/// not enough: the first of them stands for both.
fn relied_on(proofs: &[&Proof], subject: &Enrolled, acr: Acr) -> Option<AuthenticatorId> {
    let known: Vec<&Proof> = proofs.iter().copied().filter(|proof| !proof.is_held()).collect();
    let is_reached = reached(&known, &subject.policy).is_some_and(|reached| reached >= acr);
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
