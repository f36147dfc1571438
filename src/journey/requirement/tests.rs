//! The laws of the lattice of requirements, over all its fields, and the boundary of each one.

use super::*;
use crate::protocol::acr::AcrRequest;
use FactorKind::{Password, Push, Totp};
use proptest::prelude::*;
use std::cmp::Ordering;

const REASONS: [RequirementReason; 3] =
    [RequirementReason::MaxAge, RequirementReason::Acr, RequirementReason::SecondFactor];

prop_compose! {
    fn requirement()(
        level in proptest::sample::select(&Acr::ALL[..]),
        (phishing_resistant, user_verified, hardware) in any::<(bool, bool, bool)>(),
        max_age in proptest::option::of(0_u32..4),
        fresh_seconds in proptest::option::of(0_u32..4),
        must_enroll in proptest::collection::btree_set(proptest::sample::select(&FactorKind::ALL[..]), 0..3),
        reasons in proptest::collection::btree_set(proptest::sample::select(&REASONS[..]), 0..3),
    ) -> Requirement {
        Requirement {
            level, phishing_resistant, user_verified, hardware, max_age, fresh_seconds, must_enroll, reasons,
        }
    }
}

/// Every requirement whose fields have these few values; each field has at least two of them.
fn all() -> Vec<Requirement> {
    let ages = [None, Some(0), Some(1), Some(2)];
    let kinds: [&[FactorKind]; 3] = [&[], &[Push], &[Push, Totp]];
    let mut all = vec![];
    for level in Acr::ALL {
        for bits in 0..8 {
            for (max_age, fresh_seconds) in
                ages.into_iter().flat_map(|age| ages[..3].iter().map(move |fresh| (age, *fresh)))
            {
                let must_enroll = kinds[bits % 3].iter().copied().collect();
                let reasons = REASONS[..bits % 4].iter().copied().collect();
                let (phishing_resistant, user_verified, hardware) =
                    (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
                all.push(Requirement {
                    level,
                    phishing_resistant,
                    user_verified,
                    hardware,
                    max_age,
                    fresh_seconds,
                    must_enroll,
                    reasons,
                });
            }
        }
    }
    all
}

/// Whether `one` asks for at least as much as `other`, field by field; independent of `join`.
fn is_at_least(one: &Requirement, other: &Requirement) -> bool {
    let is_shorter = |one: Option<u32>, other: Option<u32>| match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one.cmp(&other) != Ordering::Greater,
    };
    one.level >= other.level
        && one.phishing_resistant >= other.phishing_resistant
        && one.user_verified >= other.user_verified
        && one.hardware >= other.hardware
        && is_shorter(one.max_age, other.max_age)
        && is_shorter(one.fresh_seconds, other.fresh_seconds)
        && one.must_enroll.is_superset(&other.must_enroll)
        && one.reasons.is_superset(&other.reasons)
}

fn proofs() -> impl Strategy<Value = Vec<Proof>> {
    let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
    proptest::sample::subsequence(FactorKind::ALL.to_vec(), 0..=3).prop_map(move |kinds| {
        kinds.into_iter().map(|kind| Proof::sample(person, kind, Timestamp(0))).collect()
    })
}

#[test]
fn joining_keeps_the_laws_of_a_lattice_for_every_pair() {
    let all = all();
    let least = Requirement::least();
    for one in &all {
        assert_eq!(one.clone().join(one.clone()), *one, "idempotent");
        assert_eq!(least.clone().join(one.clone()), *one, "the least one is neutral");
        assert!(is_at_least(one, &least));
        for other in &all {
            let joined = one.clone().join(other.clone());
            assert_eq!(joined, other.clone().join(one.clone()), "commutative");
            assert!(is_at_least(&joined, one) && is_at_least(&joined, other), "never weaker");
            let is_upper = is_at_least(one, other);
            assert_eq!(joined == *one, is_upper, "no stronger than necessary: {one:?} {other:?}");
        }
    }
}

proptest! {
    #[test]
    fn joining_is_associative_and_commutative(a in requirement(), b in requirement(), c in requirement()) {
        prop_assert_eq!(a.clone().join(b.clone()), b.clone().join(a.clone()));
        prop_assert_eq!(a.clone().join(b.clone()).join(c.clone()), a.join(b.join(c)));
    }

    #[test]
    fn joining_never_weakens(a in requirement(), b in requirement(), proofs in proofs(), age in 0_i64..6) {
        let policy = PoolPolicy::default();
        let proofs: Vec<_> = proofs.iter().collect();
        let joined = a.clone().join(b.clone());
        prop_assert!(is_at_least(&joined, &a) && is_at_least(&joined, &b));
        let now = Timestamp::from_unix_seconds(age);
        if joined.missing(&proofs, &policy).is_none() {
            prop_assert_eq!(a.missing(&proofs, &policy), None);
        }
        prop_assert!(a.is_recent(Timestamp(0), now) || !joined.is_recent(Timestamp(0), now));
        prop_assert!(a.is_fresh(Timestamp(0), now) || !joined.is_fresh(Timestamp(0), now));
    }

    #[test]
    fn a_recent_authentication_is_recent_in_the_whole_seconds_of_a_relying_party(
        (max_age, auth_time, passed) in (1_u32..4, 0_i64..5_000, 0_i64..6_000),
    ) {
        let (auth_time, now) = (Timestamp(auth_time), Timestamp(auth_time + passed));
        if (Requirement { max_age: Some(max_age), ..Requirement::least() }).is_recent(auth_time, now) {
            prop_assert!(now.unix_seconds() - auth_time.unix_seconds() <= i64::from(max_age));
        }
    }
}

#[test]
fn one_proof_has_all_the_required_attributes_or_something_is_missing() {
    let bits = || (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0));
    for (phishing_resistant, user_verified, hardware) in bits() {
        let required = Requirement { phishing_resistant, user_verified, hardware, ..Requirement::least() };
        for (is_resistant, is_verified, is_hardware) in bits() {
            let worth = Attributes {
                classes: Classes::HELD,
                phishing_resistant: is_resistant,
                user_verified: is_verified,
                hardware: is_hardware,
            };
            let expected =
                is_resistant >= phishing_resistant && is_verified >= user_verified && is_hardware >= hardware;
            assert_eq!(required.admits(worth), expected, "{required:?} {worth:?}");
        }
    }
}

#[test]
fn a_proof_without_the_required_attributes_is_not_enough() {
    let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
    let password = Proof::sample(person, Password, Timestamp(0));
    let push = |key: &str, is_verified: bool| -> Proof {
        let mut stored = serde_json::to_value(Proof::sample(person, Push, Timestamp(0))).unwrap();
        stored["key"] = key.into();
        stored["user_verified"] = is_verified.into();
        serde_json::from_value(stored).unwrap()
    };
    let least = Requirement::least();
    let verified = Requirement { user_verified: true, ..least.clone() };
    let hardware = Requirement { hardware: true, ..least.clone() };
    let both = verified.clone().join(hardware.clone());
    let resistant = Requirement { phishing_resistant: true, ..least.clone() };
    let second = Some(Missing::Second);
    for (required, phone, missing) in [
        (&least, None, None),
        (&verified, None, second),
        (&verified, Some(("software", false)), second),
        (&verified, Some(("software", true)), None),
        (&hardware, Some(("software", true)), second),
        (&hardware, Some(("hardware", false)), None),
        (&both, Some(("hardware", false)), second),
        (&both, Some(("software", true)), second),
        (&both, Some(("hardware", true)), None),
        (&resistant, Some(("hardware", true)), second),
    ] {
        let phone = phone.map(|(key, is_verified)| push(key, is_verified));
        let proofs: Vec<&Proof> = [&password].into_iter().chain(&phone).collect();
        assert_eq!(required.missing(&proofs, &PoolPolicy::default()), missing, "{required:?} {phone:?}");
    }
    assert_eq!(verified.missing(&[], &PoolPolicy::default()), Some(Missing::First), "asked for in order");
}

#[test]
fn a_fresh_proof_is_one_of_a_held_factor() {
    let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
    let [password, push] = [Password, Push].map(|kind| Proof::sample(person, kind, Timestamp(0)));
    let fresh = Requirement { fresh_seconds: Some(300), ..Requirement::least() };
    let policy = PoolPolicy::default();
    assert_eq!(fresh.missing(&[&password], &policy), Some(Missing::Second));
    assert_eq!(fresh.missing(&[&password, &push], &policy), None);
    assert_eq!(Requirement::least().missing(&[&password], &policy), None);
    let at = Timestamp(10_000);
    assert!(fresh.is_fresh(at, at.plus_seconds(300)));
    assert!(!fresh.is_fresh(at, Timestamp(310_001)));
    assert!(!Requirement::new_device().is_fresh(at, at), "0 means in this sign-in");
}

#[test]
fn a_new_phone_needs_two_factors_and_a_proof_of_this_sign_in() {
    let demand = Demand { adds_device: true, ..Demand::default() };
    let lax = PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() };
    let required = Requirement::binding(&demand, &ClientDemand::default(), &lax);
    assert_eq!((required.level, required.fresh_seconds), (Acr::TwoFactors, Some(0)));
    assert_eq!(required.must_enroll, [Push].into());
    assert_eq!(
        Requirement::binding(&Demand::default(), &ClientDemand::default(), &lax),
        Requirement::least()
    );
}

#[test]
fn the_strictest_of_pool_client_and_request_is_required() {
    let lax = PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() };
    let demand = |client: Option<&str>, acr| {
        let client = ClientDemand { acr: ClientDemand::acr(client), ..ClientDemand::default() };
        (client, Demand { acr, ..Demand::default() })
    };
    let cases = [
        (PoolPolicy::default(), demand(Some("1fa"), AcrRequest::voluntary("1fa")), Acr::TwoFactors),
        (lax.clone(), demand(Some("2fa"), AcrRequest::essential(["1fa"])), Acr::TwoFactors),
        (lax.clone(), demand(Some("1fa"), AcrRequest::essential(["2fa"])), Acr::TwoFactors),
        (lax.clone(), demand(None, AcrRequest::voluntary("2fa")), Acr::OneFactor),
        (lax, demand(None, AcrRequest::Any), Acr::OneFactor),
    ];
    for (policy, (client, demand), level) in cases {
        let required = Requirement::binding(&demand, &client, &policy);
        assert_eq!(required.level, level, "{client:?} {demand:?}");
    }
}

#[test]
fn an_authentication_is_too_old_as_soon_as_more_time_has_passed() {
    let within = |max_age, auth_time, now| {
        Requirement { max_age: Some(max_age), ..Requirement::least() }
            .is_recent(Timestamp(auth_time), Timestamp(now))
    };
    assert!(within(1, 10_000, 10_999));
    assert!(within(1, 10_000, 11_000));
    assert!(!within(1, 10_000, 11_001));
    assert!(!within(1, 10_999, 12_000));
    assert!(within(u32::MAX, 10_000, 11_001));
    assert!(!within(0, 10_000, 10_000), "0 means prompt=login");
}
