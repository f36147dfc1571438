//! What a sign-in says of its person, for the code around it.

use super::inputs::Inputs;
use super::state::Journey;
use crate::factors::method;
use ::entity::ids::PersonId;

impl Journey {
    /// The person who is signing in; perhaps nothing is proved yet. A person who may not sign in here counts as one who
    /// does not exist until they have proved something, so that a stranger learns nothing.
    pub fn person(&self, inputs: &Inputs) -> Option<PersonId> {
        self.admitted(inputs).or(self.proved_person())
    }

    /// Whether the person who proved something may not sign in here any more.
    pub fn is_barred(&self, inputs: &Inputs) -> bool {
        self.proved_person().is_some() && self.admitted(inputs).is_none()
    }

    /// Returns whether it is about the person of the session from which it starts.
    pub fn is_of_session(&self) -> bool {
        let person = self.subject.person();
        self.session.as_ref().is_some_and(|session| Some(session.person) == person)
    }

    /// Whether the person has a second factor already, so that this sign-in, which is not for adding a device,
    /// cannot enroll a first one.
    pub fn has_second_factor(&self, inputs: &Inputs) -> bool {
        !self.demand.adds_device && self.admitted(inputs).is_some() && !inputs.methods.may_enroll
    }

    /// Whether a second factor of the person was proved in this sign-in.
    pub fn is_proved_by_second_factor(&self, inputs: &Inputs) -> bool {
        self.own_proofs(inputs).any(|proof| proof.is_held())
    }

    /// Whether a secret that the person has chosen was proved in this sign-in, or in the session from which it starts.
    pub fn was_password_given(&self) -> bool {
        let of_session = self.session.iter().flat_map(|session| &session.proofs);
        self.proofs.iter().chain(of_session).any(|proof| method(proof.kind()).is_memorized)
    }

    /// The person who has proved a factor in this sign-in, or from whose session it starts, whether or not the proof
    /// still counts.
    pub fn proved_person(&self) -> Option<PersonId> {
        let has_given = |person: &PersonId| {
            self.is_of_session() || self.proofs.iter().any(|proof| proof.person() == *person)
        };
        self.subject.person().filter(has_given)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{Enrolled, Journey, advance, identified};
    use crate::clock::Timestamp;
    use crate::directory::FactorKind::{self, Password, Push};
    use crate::directory::{PoolPolicy, SecondFactorRule};
    use crate::factors::Proof;
    use crate::journey::{Authenticators, Consent, Demand, Event, LiveSession, SignInFailure, Step};
    use crate::protocol::acr::AcrRequest;
    use ::entity::ids::PersonId;

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
            may_enroll: !kinds.contains(&Push),
            consent: Consent::NotNeeded,
            must_change_password: false,
            authenticators: Authenticators::default(),
            client_acr: AcrRequest::Any,
        }
    }

    /// Ada has named herself and, if so, proved her password at an application that asks for two factors.
    fn journey(has_proved: bool) -> Journey {
        let demand = Demand { acr: AcrRequest::essential(["2fa"]), ..Demand::default() };
        let journey = Journey::begin(demand, None, NOW);
        let journey = advance(journey, identified(enrolled(&[Password])), NOW).0;
        if !has_proved {
            return journey;
        }
        advance(journey, Event::Proved(Proof::sample(ada(), Password, NOW)), NOW).0
    }

    #[test]
    fn a_second_factor_that_was_added_elsewhere_is_asked_for_in_place_of_an_enrollment() {
        let journey = journey(true);
        assert!(matches!(journey.step(NOW), Step::Enroll { .. }));
        assert!(!journey.facts.has_second_factor(&journey.inputs));
        let protected = journey.while_true(enrolled(&[Password, Push]));
        assert!(protected.step(NOW).asks_for(Push));
        assert!(protected.facts.has_second_factor(&protected.inputs));
    }

    #[test]
    fn a_stronger_policy_is_obeyed_by_a_sign_in_that_was_complete() {
        let journey = Journey::begin(Demand::default(), None, NOW);
        let known = enrolled(&[Password]);
        let journey = advance(journey, identified(known.clone()), NOW).0;
        let journey = advance(journey, Event::Proved(Proof::sample(ada(), Password, NOW)), NOW).0;
        assert!(matches!(journey.step(NOW), Step::Satisfied(_)));
        let policy = PoolPolicy { second_factor: SecondFactorRule::Always, ..known.policy.clone() };
        let stronger = journey.clone().while_true(Enrolled { policy, ..known });
        assert!(matches!(stronger.step(NOW), Step::Enroll { .. }));
        assert!(matches!(journey.at_client("2fa").step(NOW), Step::Enroll { .. }));
    }

    #[test]
    fn a_person_has_proved_something_after_a_factor_or_with_their_session_only() {
        assert_eq!(journey(false).facts.proved_person(), None);
        assert_eq!(journey(true).facts.proved_person(), Some(ada()));
        let proofs = vec![Proof::sample(ada(), Password, NOW)];
        let id = "ses_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap();
        let session = LiveSession { id, person: ada(), proofs, auth_time: NOW };
        let live = Some((session, enrolled(&[Password])));
        assert_eq!(Journey::begin(Demand::default(), live, NOW).facts.proved_person(), Some(ada()));
    }

    #[test]
    fn a_person_who_may_not_sign_in_any_more_is_refused_after_a_proof_and_unknown_before_it() {
        let gone = || Enrolled::nobody(PoolPolicy::default());
        let refused = journey(true).while_true(gone());
        assert_eq!(refused.step(NOW), Step::Refused(SignInFailure::Cancelled));
        assert_eq!(refused.person(), Some(ada()), "the audit log names the person");
        let again = refused.while_true(enrolled(&[Password]));
        assert!(matches!(again.step(NOW), Step::Enroll { .. }), "the refusal is derived, not stored");
        let unknown = journey(false).while_true(gone());
        assert_eq!(unknown.person(), None);
        assert!(unknown.step(NOW).asks_for(Password));
        let (unknown, ..) = advance(unknown, Event::Proved(Proof::sample(ada(), Password, NOW)), NOW);
        assert_eq!(unknown.facts.proved_person(), None, "nothing is proved by one who may not sign in");
    }

    #[test]
    fn inputs_of_another_person_admit_nobody() {
        let other =
            Enrolled { person: "per_AAAAAAAAAAAAAAAAAAAAAg".parse().ok(), ..enrolled(&[Password, Push]) };
        assert_eq!(
            journey(true).while_true(other.clone()).step(NOW),
            Step::Refused(SignInFailure::Cancelled)
        );
        assert_eq!(journey(false).while_true(other).person(), None);
    }
}
