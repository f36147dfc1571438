//! Facts about client and person, in place of the copy that a sign-in in progress carries.

use super::demand::Enrolled;
use super::state::Journey;
use crate::factors::method;
use crate::protocol::acr::AcrRequest;
use ::entity::ids::PersonId;

/// What is true of the client and of the named person at this moment, as the directory and the database say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What the client requires: [`Demand::client_acr`](super::Demand::client_acr) of its setting.
    pub client_acr: AcrRequest,
    /// The named person; [`Enrolled::nobody`] for one who may not sign in here. `None` while no name was given.
    pub enrolled: Option<Enrolled>,
}

impl Journey {
    /// The same sign-in, judged by `facts`, which replace everything stored but the request and the proofs.
    ///
    /// A person who may not sign in here any more is refused once something was proved; until then the name is treated
    /// like one that does not exist, so that a stranger learns nothing.
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.demand.client_acr = facts.client_acr;
        let (Some(stored), Some(enrolled)) = (&self.subject, facts.enrolled) else { return self };
        let is_gone = stored.person != enrolled.person;
        self.is_barred = is_gone && (self.is_of_session() || self.given_proofs(stored).next().is_some());
        if !self.is_barred {
            self.subject = Some(enrolled);
        }
        self
    }

    /// Whether the person who proved something may not sign in here any more.
    pub fn is_barred(&self) -> bool {
        self.is_barred
    }

    /// Whether the person has a second factor already, so that this sign-in, which is not for adding a device,
    /// cannot enroll a first one.
    pub fn has_second_factor(&self) -> bool {
        let has_one = |subject: &Enrolled| subject.person.is_some() && !subject.may_enroll;
        !self.demand.adds_device && self.subject.as_ref().is_some_and(has_one)
    }

    /// Whether a second factor of the person was proved in this sign-in.
    pub fn is_proved_by_second_factor(&self) -> bool {
        self.subject.as_ref().is_some_and(|subject| self.own_proofs(subject).any(|proof| proof.is_held()))
    }

    /// Whether a secret that the person has chosen was proved in this sign-in, or in the session from which it starts.
    pub fn was_password_given(&self) -> bool {
        let of_session = self.session.iter().flat_map(|session| &session.proofs);
        self.proofs.iter().chain(of_session).any(|proof| method(proof.kind()).is_memorized)
    }

    /// The person who has proved a factor in this sign-in, or from whose session it starts.
    pub fn proved_person(&self) -> Option<PersonId> {
        let subject = self.subject.as_ref()?;
        let is_proved = self.is_of_session() || self.given_proofs(subject).next().is_some();
        subject.person.filter(|_| is_proved)
    }

    /// The person to read again: `Some(None)` for a name that does not exist, `None` while no name was given.
    pub fn named(&self) -> Option<Option<PersonId>> {
        self.subject.as_ref().map(|subject| subject.person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::directory::{FactorKind, PoolPolicy, SecondFactorRule};
    use crate::factors::Proof;
    use crate::journey::{Authenticators, Consent, Demand, Event, LiveSession, SignInFailure, Step, advance};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn ada() -> PersonId {
        "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    fn enrolled(kinds: &[FactorKind]) -> Enrolled {
        let policy = PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() };
        Enrolled {
            person: Some(ada()),
            policy,
            kinds: kinds.to_vec(),
            may_enroll: !kinds.contains(&FactorKind::Push),
            consent: Consent::NotNeeded,
            must_change_password: false,
            authenticators: Authenticators::default(),
        }
    }

    fn facts(enrolled: Enrolled) -> Facts {
        Facts { client_acr: AcrRequest::Any, enrolled: Some(enrolled) }
    }

    /// Ada has named herself and, if so, proved her password at an application that asks for two factors.
    fn journey(has_proved: bool) -> Journey {
        let demand = Demand { acr: AcrRequest::essential(["2fa"]), ..Demand::default() };
        let journey = Journey::begin(demand, None, NOW);
        let journey = advance(journey, Event::Identified(enrolled(&[FactorKind::Password])), NOW).0;
        if !has_proved {
            return journey;
        }
        advance(journey, Event::Proved(Proof::sample(ada(), FactorKind::Password, NOW)), NOW).0
    }

    #[test]
    fn a_second_factor_that_was_added_elsewhere_is_asked_for_in_place_of_an_enrollment() {
        let journey = journey(true);
        assert!(matches!(journey.step(NOW), Step::Enroll { .. }));
        let same = journey.clone().with_facts(facts(enrolled(&[FactorKind::Password])));
        assert_eq!(same, journey, "facts that have not changed change nothing");
        let protected = journey.with_facts(facts(enrolled(&[FactorKind::Password, FactorKind::Push])));
        assert!(protected.step(NOW).asks_for(FactorKind::Push));
        assert!(protected.has_second_factor());
    }

    #[test]
    fn a_stronger_policy_is_obeyed_by_a_sign_in_that_was_complete() {
        let demand = Demand::default();
        let journey = Journey::begin(demand, None, NOW);
        let known = enrolled(&[FactorKind::Password]);
        let journey = advance(journey, Event::Identified(known.clone()), NOW).0;
        let proof = Proof::sample(ada(), FactorKind::Password, NOW);
        let journey = advance(journey, Event::Proved(proof), NOW).0;
        assert!(matches!(journey.step(NOW), Step::Satisfied(_)));
        let policy = PoolPolicy { second_factor: SecondFactorRule::Always, ..known.policy.clone() };
        let stronger = journey.clone().with_facts(facts(Enrolled { policy, ..known.clone() }));
        assert!(matches!(stronger.step(NOW), Step::Enroll { .. }));
        let required = Facts { client_acr: AcrRequest::essential(["2fa"]), ..facts(known) };
        assert!(matches!(journey.with_facts(required).step(NOW), Step::Enroll { .. }));
    }

    #[test]
    fn a_person_has_proved_something_after_a_factor_or_with_their_session_only() {
        assert_eq!(journey(false).proved_person(), None);
        assert_eq!(journey(true).proved_person(), Some(ada()));
        let proofs = vec![Proof::sample(ada(), FactorKind::Password, NOW)];
        let id = "ses_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap();
        let session = LiveSession { id, person: ada(), proofs, auth_time: NOW };
        let live = Some((session, enrolled(&[FactorKind::Password])));
        assert_eq!(Journey::begin(Demand::default(), live, NOW).proved_person(), Some(ada()));
    }

    #[test]
    fn a_person_who_may_not_sign_in_any_more_is_refused_after_a_proof_and_unknown_before_it() {
        let gone = || facts(Enrolled::nobody(PoolPolicy::default()));
        let refused = journey(true).with_facts(gone());
        assert_eq!(refused.step(NOW), Step::Refused(SignInFailure::Cancelled));
        let stored = serde_json::to_value(&refused).unwrap();
        let loaded: Journey = serde_json::from_value(stored).unwrap();
        let again = loaded.with_facts(facts(enrolled(&[FactorKind::Password])));
        assert!(matches!(again.step(NOW), Step::Enroll { .. }), "the refusal is derived, not stored");
        let unknown = journey(false).with_facts(gone());
        assert_eq!(unknown.person(), None);
        assert!(unknown.step(NOW).asks_for(FactorKind::Password));
    }
}
