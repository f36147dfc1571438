//! The factor policy: joins the requirements of pool, client and request, so that the strictest always wins.

use super::demand::Demand;
use super::inputs::ClientDemand;
use crate::clock::Timestamp;
use crate::directory::{FactorKind, PoolPolicy, SecondFactorRule};
use crate::factors::registry::carried_by;
use crate::factors::{Attributes, Carrier, Classes, Proof, attributes};
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

/// The requirements on a completed sign-in: a lattice, in which [`Requirement::join`] combines sources in any order and
/// [`Requirement::least`] asks for nothing in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The lowest accepted authentication context class.
    pub level: Acr,
    /// Whether a proof must be phishing-resistant.
    pub phishing_resistant: bool,
    /// Whether a device must have verified its user.
    pub user_verified: bool,
    /// Whether a proof must be by a key in hardware.
    pub hardware: bool,
    /// The most seconds since the last authentication; 0 requires every factor again.
    pub max_age: Option<u32>,
    /// The most seconds since the proof of a held factor, which is then required; 0 requires one of this sign-in.
    pub fresh_seconds: Option<u32>,
    /// The kinds of which a new one must be added in this sign-in: any of them, the first one is offered first.
    pub must_enroll: BTreeSet<FactorKind>,
    /// The sources of the requirement.
    pub reasons: BTreeSet<RequirementReason>,
}

/// The factor that is still missing, in the order of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A first factor.
    First,
    /// Another factor: of another class, or with the attributes that are required.
    Second,
}

impl Requirement {
    /// The minimum of every sign-in: one factor of any age.
    pub fn least() -> Self {
        Self {
            level: Acr::OneFactor,
            phishing_resistant: false,
            user_verified: false,
            hardware: false,
            max_age: None,
            fresh_seconds: None,
            must_enroll: BTreeSet::new(),
            reasons: BTreeSet::new(),
        }
    }

    fn level(level: Acr, reason: RequirementReason) -> Self {
        let reasons = (level > Acr::OneFactor).then_some(reason).into_iter().collect();
        Self { level, reasons, ..Self::least() }
    }

    fn max_age(seconds: u32, reason: RequirementReason) -> Self {
        Self { max_age: Some(seconds), reasons: [reason].into(), ..Self::least() }
    }

    /// The requirement of a sign-in that adds a phone: two factors, the held one proved in it.
    fn new_device() -> Self {
        Self {
            fresh_seconds: Some(0),
            must_enroll: carried_by(Carrier::Phone).collect(),
            ..Self::level(Acr::TwoFactors, RequirementReason::Acr)
        }
    }

    /// Combines two requirements; the result is never weaker than either.
    pub fn join(self, other: Self) -> Self {
        Self {
            level: self.level.max(other.level),
            phishing_resistant: self.phishing_resistant || other.phishing_resistant,
            user_verified: self.user_verified || other.user_verified,
            hardware: self.hardware || other.hardware,
            max_age: shorter(self.max_age, other.max_age),
            fresh_seconds: shorter(self.fresh_seconds, other.fresh_seconds),
            must_enroll: self.must_enroll.union(&other.must_enroll).copied().collect(),
            reasons: self.reasons.union(&other.reasons).copied().collect(),
        }
    }

    /// The mandatory requirement: client, pool, the request's `max_age` and `prompt=login`, and its essential
    /// `acr`.
    pub fn binding(demand: &Demand, client: &ClientDemand, policy: &PoolPolicy) -> Self {
        let pool = match policy.second_factor {
            SecondFactorRule::Always => Some(Self::level(Acr::TwoFactors, RequirementReason::SecondFactor)),
            SecondFactorRule::WhenAsked => None,
        };
        let client = client.acr.least().map(|level| Self::level(level, RequirementReason::ClientAcr));
        let essential = if demand.acr.is_essential() {
            demand.acr.least().map(|acr| Self::level(acr, RequirementReason::Acr))
        } else {
            None
        };
        let device = demand.adds_device.then(Self::new_device);
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
        is_within(self.max_age, auth_time, now)
    }

    /// Tells whether the proof of a held factor at this time, before the sign-in, is fresh enough.
    pub fn is_fresh(&self, at: Timestamp, now: Timestamp) -> bool {
        is_within(self.fresh_seconds, at, now)
    }

    /// Tells whether something worth this much has the attributes that are required. One proof must have all of
    /// them: the phishing resistance of one does not lend its strength to the verified user of another.
    pub fn admits(&self, worth: Attributes) -> bool {
        (!self.phishing_resistant || worth.phishing_resistant)
            && (!self.user_verified || worth.user_verified)
            && (!self.hardware || worth.hardware)
    }

    /// Returns the factor that these proofs still miss in a pool with this policy; `None` if they suffice.
    pub fn missing(&self, proofs: &[&Proof], policy: &PoolPolicy) -> Option<Missing> {
        let Some(level) = reached(proofs, policy) else { return Some(Missing::First) };
        let is_level_low = level < self.level;
        let is_held_missing = self.fresh_seconds.is_some() && !proofs.iter().any(|proof| proof.is_held());
        (is_level_low || is_held_missing || self.lacks_attributes(proofs)).then_some(Missing::Second)
    }

    /// Tells whether none of these proofs has the attributes that are required.
    pub(super) fn lacks_attributes(&self, proofs: &[&Proof]) -> bool {
        // Without such a requirement nothing is missing, not even before the first proof.
        !self.admits(Attributes::default()) && !proofs.iter().any(|proof| self.admits(attributes(proof)))
    }
}

fn shorter(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Whether no more than `seconds` have passed since `at`; 0 admits no earlier time at all, `None` any.
fn is_within(seconds: Option<u32>, at: Timestamp, now: Timestamp) -> bool {
    match seconds {
        None => true,
        Some(0) => false,
        Some(seconds) => now <= at.plus_seconds(i64::from(seconds)),
    }
}

/// Computes the class that these proofs reach in a pool with this policy; the only rule for `acr`. A first factor
/// counts alone, and together with a second one of another class.
pub(super) fn reached(proofs: &[&Proof], policy: &PoolPolicy) -> Option<Acr> {
    let of = |kinds: &[FactorKind]| -> Vec<Classes> {
        let listed = proofs.iter().filter(|proof| kinds.contains(&proof.kind()));
        listed.map(|proof| attributes(proof).classes).collect()
    };
    let (first, second) = (of(&policy.first_factors), of(&policy.second_factors));
    let alone = first.iter().copied();
    let pairs = first.iter().flat_map(|one| second.iter().map(|other| one.and(*other)));
    match alone.chain(pairs).map(Classes::count).max() {
        None => None,
        Some(0 | 1) => Some(Acr::OneFactor),
        Some(_) => Some(Acr::TwoFactors),
    }
}

#[cfg(test)]
mod tests;
