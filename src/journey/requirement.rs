//! The factor policy: joins the requirements of pool, client and request, so that the strictest always wins.

use super::demand::Demand;
use crate::clock::Timestamp;
use crate::directory::{PoolPolicy, SecondFactorRule};
use crate::factors::{Proof, class};
use crate::protocol::acr::Acr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The reason for asking for a factor, used by the page, the `prompt=none` error and the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementReason {
    /// The browser has no session.
    NoSession,
    /// `max_age` has passed.
    MaxAge,
    /// `prompt=login`.
    PromptLogin,
    /// The request asks for a higher `acr`.
    Acr,
    /// The client always requires a higher `acr`.
    ClientAcr,
    /// The pool requires a second factor at every sign-in.
    SecondFactor,
    /// Enrollment requires a recently proved first factor.
    Enrollment,
    /// A password that must be changed is proved in this sign-in, with a held factor if there is one.
    PasswordChange,
}

/// The requirements on a completed sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The lowest accepted authentication context class.
    pub level: Acr,
    /// The most seconds since the last authentication; 0 requires every factor again.
    pub max_age: Option<u32>,
    /// The sources of the requirement.
    pub reasons: BTreeSet<RequirementReason>,
}

/// The factor that is still missing, in the order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A first factor.
    First,
    /// A second factor, of another class.
    Second,
}

impl Requirement {
    /// The minimum of every sign-in: one factor of any age.
    pub fn least() -> Self {
        Self { level: Acr::OneFactor, max_age: None, reasons: BTreeSet::new() }
    }

    fn level(level: Acr, reason: RequirementReason) -> Self {
        let reasons = (level > Acr::OneFactor).then_some(reason).into_iter().collect();
        Self { level, reasons, ..Self::least() }
    }

    fn max_age(seconds: u32, reason: RequirementReason) -> Self {
        Self { max_age: Some(seconds), reasons: [reason].into(), ..Self::least() }
    }

    /// Combines two requirements; the result is never weaker than either.
    pub fn join(self, other: Self) -> Self {
        let max_age = match (self.max_age, other.max_age) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let reasons = self.reasons.union(&other.reasons).copied().collect();
        Self { level: self.level.max(other.level), max_age, reasons }
    }

    /// The mandatory requirement: client, pool, the request's `max_age` and `prompt=login`, and its essential
    /// `acr`.
    pub fn binding(demand: &Demand, policy: &PoolPolicy) -> Self {
        let pool = match policy.second_factor {
            SecondFactorRule::Always => Some(Self::level(Acr::TwoFactors, RequirementReason::SecondFactor)),
            SecondFactorRule::WhenAsked => None,
        };
        let client = demand.client_acr.least().map(|level| Self::level(level, RequirementReason::ClientAcr));
        let essential = if demand.acr.is_essential() {
            demand.acr.least().map(|acr| Self::level(acr, RequirementReason::Acr))
        } else {
            None
        };
        let device = demand.adds_device.then(|| Self::level(Acr::TwoFactors, RequirementReason::Acr));
        let age = demand.max_age.map(|seconds| Self::max_age(seconds, RequirementReason::MaxAge));
        let login = demand.prompts.login.then(|| Self::max_age(0, RequirementReason::PromptLogin));
        [pool, client, essential, device, age, login].into_iter().flatten().fold(Self::least(), Self::join)
    }

    /// The optional requirement: a voluntary `acr`.
    pub fn voluntary(demand: &Demand) -> Self {
        demand.acr.least().map_or_else(Self::least, |level| Self::level(level, RequirementReason::Acr))
    }

    /// Tells whether an authentication at `auth_time` is recent enough, to the millisecond (OpenID Connect
    /// Core §3.1.2.1). The difference in whole seconds, as relying parties see it, then never exceeds
    /// `max_age`.
    pub fn is_recent(&self, auth_time: Timestamp, now: Timestamp) -> bool {
        match self.max_age {
            None => true,
            Some(0) => false,
            Some(seconds) => now <= auth_time.plus_seconds(i64::from(seconds)),
        }
    }

    /// Returns the factor that these proofs still miss in a pool with this policy; `None` if they suffice.
    pub fn missing(&self, proofs: &[&Proof], policy: &PoolPolicy) -> Option<Missing> {
        match reached(proofs, policy) {
            None => Some(Missing::First),
            Some(level) if level < self.level => Some(Missing::Second),
            Some(_) => None,
        }
    }
}

/// Computes the class that these proofs reach in a pool with this policy; the only rule for `acr`.
pub(super) fn reached(proofs: &[&Proof], policy: &PoolPolicy) -> Option<Acr> {
    let of = |kinds: &[_]| -> Vec<_> {
        proofs.iter().map(|proof| proof.kind()).filter(|kind| kinds.contains(kind)).collect()
    };
    let (first, second) = (of(&policy.first_factors), of(&policy.second_factors));
    if first.is_empty() {
        return None;
    }
    let is_pair = |one: &_| second.iter().any(|other| class(*one) != class(*other));
    Some(if first.iter().any(is_pair) { Acr::TwoFactors } else { Acr::OneFactor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::FactorKind;
    use crate::protocol::acr::AcrRequest;
    use proptest::prelude::*;

    const REASONS: [RequirementReason; 3] =
        [RequirementReason::MaxAge, RequirementReason::Acr, RequirementReason::SecondFactor];

    prop_compose! {
        fn requirement()(
            level in proptest::sample::select(&Acr::ALL[..]),
            max_age in proptest::option::of(0_u32..4),
            reasons in proptest::collection::btree_set(proptest::sample::select(&REASONS[..]), 0..3),
        ) -> Requirement {
            Requirement { level, max_age, reasons }
        }
    }

    fn proofs() -> impl Strategy<Value = Vec<Proof>> {
        let kinds = [FactorKind::Password, FactorKind::Push, FactorKind::Totp];
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        proptest::sample::subsequence(kinds.to_vec(), 0..=3).prop_map(move |kinds| {
            kinds.into_iter().map(|kind| Proof::sample(person, kind, Timestamp(0))).collect()
        })
    }

    proptest! {
        #[test]
        fn a_recent_authentication_is_recent_in_the_whole_seconds_of_a_relying_party(
            (max_age, auth_time, passed) in (1_u32..4, 0_i64..5_000, 0_i64..6_000),
        ) {
            let (auth_time, now) = (Timestamp(auth_time), Timestamp(auth_time + passed));
            if (Requirement { max_age: Some(max_age), ..Requirement::least() }).is_recent(auth_time, now) {
                prop_assert!(now.unix_seconds() - auth_time.unix_seconds() <= i64::from(max_age));
            }
        }

        #[test]
        fn joining_is_commutative(a in requirement(), b in requirement()) {
            prop_assert_eq!(a.clone().join(b.clone()), b.join(a));
        }

        #[test]
        fn joining_is_associative(a in requirement(), b in requirement(), c in requirement()) {
            prop_assert_eq!(a.clone().join(b.clone()).join(c.clone()), a.join(b.join(c)));
        }

        #[test]
        fn joining_is_idempotent(a in requirement()) {
            prop_assert_eq!(a.clone().join(a.clone()), a.clone());
            prop_assert_eq!(Requirement::least().join(a.clone()), a);
        }

        #[test]
        fn joining_never_weakens(a in requirement(), b in requirement(), proofs in proofs(), age in 0_i64..6) {
            let policy = PoolPolicy::default();
            let proofs: Vec<_> = proofs.iter().collect();
            let joined = a.clone().join(b);
            let now = Timestamp::from_unix_seconds(age);
            if joined.missing(&proofs, &policy).is_none() {
                prop_assert_eq!(a.missing(&proofs, &policy), None);
            }
            if joined.is_recent(Timestamp(0), now) {
                prop_assert!(a.is_recent(Timestamp(0), now));
            }
            prop_assert!(joined.reasons.is_superset(&a.reasons));
        }
    }

    #[test]
    fn the_strictest_of_pool_client_and_request_is_required() {
        let lax = PoolPolicy { second_factor: SecondFactorRule::WhenAsked, ..PoolPolicy::default() };
        let demand = |client: Option<&str>, acr| Demand {
            client_acr: Demand::client_acr(client),
            acr,
            ..Demand::default()
        };
        let cases = [
            (PoolPolicy::default(), demand(Some("1fa"), AcrRequest::voluntary("1fa")), Acr::TwoFactors),
            (lax.clone(), demand(Some("2fa"), AcrRequest::essential(["1fa"])), Acr::TwoFactors),
            (lax.clone(), demand(Some("1fa"), AcrRequest::essential(["2fa"])), Acr::TwoFactors),
            (lax.clone(), demand(None, AcrRequest::voluntary("2fa")), Acr::OneFactor),
            (lax, demand(None, AcrRequest::Any), Acr::OneFactor),
        ];
        for (policy, demand, level) in cases {
            assert_eq!(Requirement::binding(&demand, &policy).level, level, "{demand:?}");
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
}
