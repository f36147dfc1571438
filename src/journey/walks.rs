//! Random walks: no sequence of events gives a sign-in more assurance than its person has proved.

use super::samples::{Enrolled, Journey, advance, device_added, identified, password_changed};
use super::{Authenticators, ClientDemand, Consent, Demand, Effect, Event, LiveSession, Prompts, Step};
use crate::clock::Timestamp;
use crate::directory::FactorKind::{self, Password, Push, Totp};
use crate::directory::{PoolPolicy, SecondFactorRule};
use crate::factors::{Proof, method};
use crate::protocol::acr::{Acr, AcrRequest};
use ::entity::ids::PersonId;
use proptest::prelude::*;
use std::collections::BTreeSet;

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const KINDS: [FactorKind; 3] = [Password, Push, Totp];

fn person_id(number: u8) -> PersonId {
    ["per_AAAAAAAAAAAAAAAAAAAAAQ", "per_AAAAAAAAAAAAAAAAAAAAAg"][usize::from(number)].parse().unwrap()
}

fn policy() -> impl Strategy<Value = PoolPolicy> {
    let kinds = || proptest::sample::subsequence(KINDS.to_vec(), 0..=3);
    (kinds(), kinds(), any::<bool>(), proptest::option::of(proptest::sample::select(&KINDS[..]))).prop_map(
        |(mut first_factors, second_factors, is_strict, preferred)| {
            if first_factors.is_empty() {
                first_factors.push(Password);
            }
            let second_factor =
                if is_strict { SecondFactorRule::Always } else { SecondFactorRule::WhenAsked };
            PoolPolicy { first_factors, second_factors, preferred, second_factor, ..PoolPolicy::default() }
        },
    )
}

fn acr() -> impl Strategy<Value = AcrRequest> {
    proptest::sample::select(vec![
        AcrRequest::Any,
        AcrRequest::voluntary("1fa"),
        AcrRequest::voluntary("2fa"),
        AcrRequest::voluntary("2fa 1fa"),
        AcrRequest::essential(["2fa"]),
        AcrRequest::essential(["1fa"]),
    ])
}

prop_compose! {
    fn demand()(
        acr in acr(),
        max_age in proptest::option::of(0_u32..400),
        (login, consent, select_account) in any::<(bool, bool, bool)>(),
        subject in proptest::option::weighted(0.2, 0_u8..2),
        adds_device in proptest::bool::weighted(0.2),
    ) -> Demand {
        Demand {
            acr,
            max_age,
            prompts: Prompts { login, consent, select_account },
            subjects: subject.map(|one| [person_id(one)].into()),
            adds_device,
        }
    }
}

/// An event without policy and time, which the walk adds.
#[derive(Clone, Debug)]
enum Act {
    Identify(Option<u8>, Vec<FactorKind>, bool),
    Refresh(u8, Vec<FactorKind>),
    ChangePassword(u8),
    Prove(u8, FactorKind),
    Deny(FactorKind),
    Consent,
    GiveUp,
    Arrive,
    Wait(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let kind = || proptest::sample::select(&KINDS[..]);
    let kinds = || proptest::sample::subsequence(KINDS.to_vec(), 0..=3);
    prop_oneof![
        3 => (proptest::option::of(0_u8..2), kinds(), any::<bool>()).prop_map(|(who, kinds, may)| Act::Identify(who, kinds, may)),
        1 => (0_u8..2, kinds()).prop_map(|(who, kinds)| Act::Refresh(who, kinds)),
        2 => (0_u8..2).prop_map(Act::ChangePassword),
        8 => (0_u8..2, kind()).prop_map(|(who, kind)| Act::Prove(who, kind)),
        1 => kind().prop_map(Act::Deny),
        3 => Just(Act::Consent),
        1 => Just(Act::GiveUp),
        1 => Just(Act::Arrive),
        2 => (1_i64..300).prop_map(Act::Wait),
    ]
}

/// An independent record of the proved factors, for checking the journey.
struct Ledger {
    demand: Demand,
    client_acr: AcrRequest,
    policy: PoolPolicy,
    session: Vec<Proof>,
    auth_time: Timestamp,
    done: Vec<Proof>,
    has_added_device: bool,
    /// The people whose password must be changed.
    exposed: BTreeSet<PersonId>,
}

impl Ledger {
    fn check(&self, step: &Step, now: Timestamp) {
        let Step::Satisfied(assurance) = step else { return };
        let own = |proof: &&Proof| proof.person() == assurance.person;
        let is_stale = self.demand.prompts.login
            || self.demand.max_age.is_some_and(|seconds| {
                seconds == 0 || now.unix_seconds() - self.auth_time.unix_seconds() > i64::from(seconds)
            });
        let session: &[Proof] = if is_stale { &[] } else { &self.session };
        let kinds: Vec<_> = session.iter().chain(&self.done).filter(own).map(Proof::kind).collect();
        let first = |kind: &FactorKind| kinds.contains(kind) && self.policy.first_factors.contains(kind);
        let second = |kind: &FactorKind| kinds.contains(kind) && self.policy.second_factors.contains(kind);
        let has_one = KINDS.iter().any(first);
        let has_two = KINDS.iter().any(|one| {
            first(one)
                && KINDS.iter().any(|other| second(other) && method(*one).classes != method(*other).classes)
        });
        assert!(has_one, "signed in without a first factor: {assurance:?}");
        assert!(has_two || assurance.acr == Acr::OneFactor, "two factors claimed: {assurance:?}");
        let owes_two = self.policy.second_factor == SecondFactorRule::Always
            || self.client_acr == AcrRequest::essential(["2fa"])
            || self.demand.acr == AcrRequest::essential(["2fa"]);
        assert!(has_two || !owes_two, "two factors owed: {assurance:?}");
        let has_held = self.done.iter().filter(own).any(Proof::is_held);
        assert!(
            !self.demand.adds_device || (has_held && self.has_added_device),
            "a device owed, after a proof of a held factor: {assurance:?}"
        );
        let is_by_password = assurance.proofs.iter().any(|proof| proof.kind() == Password);
        assert!(
            !is_by_password || !self.exposed.contains(&assurance.person),
            "a password counts that must be changed: {assurance:?}"
        );
        assert!(assurance.proofs.iter().all(|proof| kinds.contains(&proof.kind())));
        assert!(self.demand.is_about(assurance.person));
        let first_done = self.done.iter().filter(own).any(|p| self.policy.first_factors.contains(&p.kind()));
        assert!(first_done || assurance.auth_time == self.auth_time, "auth_time moved: {assurance:?}");
        assert!(assurance.auth_time <= now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn a_sign_in_never_exceeds_the_proved_factors(
        demand in demand(),
        client_acr in proptest::sample::select(vec![None, Some("1fa"), Some("2fa")]),
        policy in policy(),
        session in proptest::option::of((proptest::sample::subsequence(KINDS.to_vec(), 1..=3), 0_i64..600)),
        is_exposed in proptest::bool::weighted(0.3),
        acts in proptest::collection::vec(act(), 0..30),
    ) {
        let enrolled = |who: Option<u8>, kinds: Vec<FactorKind>, may_enroll| Enrolled {
            person: who.map(person_id),
            policy: policy.clone(),
            kinds,
            may_enroll,
            consent: Consent::Given,
            must_change_password: who == Some(0) && is_exposed,
            authenticators: Authenticators::default(),
            client_acr: ClientDemand::acr(client_acr),
        };
        let mut ledger = Ledger {
            demand: demand.clone(),
            client_acr: ClientDemand::acr(client_acr),
            policy: policy.clone(),
            session: vec![],
            auth_time: Timestamp(0),
            done: vec![],
            has_added_device: false,
            exposed: is_exposed.then(|| person_id(0)).into_iter().collect(),
        };
        let live = session.map(|(kinds, ago)| {
            ledger.auth_time = START.plus_seconds(-ago);
            ledger.session = kinds.iter().map(|kind| Proof::sample(person_id(0), *kind, ledger.auth_time)).collect();
            let id = "ses_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
            let live = LiveSession { id, person: person_id(0), proofs: ledger.session.clone(), auth_time: ledger.auth_time };
            (live, enrolled(Some(0), KINDS.to_vec(), false))
        });
        let mut journey = Journey::begin(demand, live, START);
        let mut now = START;
        ledger.check(&journey.step(now), now);
        for act in acts {
            let event = match act {
                Act::Wait(seconds) => {
                    now = now.plus_seconds(seconds);
                    Event::Arrived
                }
                Act::Identify(who, kinds, may_enroll) => identified(enrolled(who, kinds, may_enroll)),
                Act::Refresh(who, kinds) => device_added(enrolled(Some(who), kinds, false)),
                Act::ChangePassword(who) => {
                    let fine = Enrolled { must_change_password: false, ..enrolled(Some(who), KINDS.to_vec(), false) };
                    password_changed(fine)
                }
                Act::Prove(who, kind) => {
                    let proof = Proof::sample(person_id(who), kind, now);
                    ledger.done.push(proof.clone());
                    Event::Proved(proof)
                }
                Act::Deny(kind) => Event::Denied(kind),
                Act::Consent => Event::Consented,
                Act::GiveUp => Event::GaveUp,
                Act::Arrive => Event::Arrived,
            };
            let before = journey.step(now);
            if let (Step::ChangePassword, Event::PasswordChanged(inputs)) = (&before, &event)
                && inputs.methods.person == journey.person()
            {
                let done: Vec<_> = ledger.done.iter().filter(|proof| Some(proof.person()) == inputs.methods.person).collect();
                prop_assert!(done.iter().any(|proof| proof.kind() == Password), "proved in this sign-in");
                ledger.exposed.clear();
                ledger.session.clear();
            }
            ledger.has_added_device |=
                matches!((&before, &event), (Step::Enroll { .. }, Event::DeviceAdded(inputs)) if inputs.methods.person == journey.person());
            let (next, step, effects) = advance(journey.clone(), event.clone(), now);
            ledger.check(&step, now);
            let is_satisfied = matches!(before, Step::Satisfied(_)) && event != Event::GaveUp;
            if is_satisfied || matches!(before, Step::Refused(_)) || event == Event::Arrived {
                prop_assert_eq!((&next, &step, &effects), (&journey, &before, &vec![]), "a final step is final");
            }
            if effects.contains(&Effect::ChallengeDevices) {
                prop_assert!(step.asks_for(Push), "a challenge is sent only for an approval that is missing");
            }
            journey = next;
        }
    }
}
