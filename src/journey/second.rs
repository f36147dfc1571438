//! The second factor: which one, and whether there is a way to it.

use super::demand::Enrolled;
use crate::directory::FactorKind;
use crate::factors::{Class, Proof, class};

/// How a person may come to a second factor.
pub(super) enum Second {
    /// By one that they have, the preferred one first.
    Has(Vec<FactorKind>),
    /// By enrolling one, the preferred one first.
    MayEnroll(Vec<FactorKind>),
    /// Not at all.
    None,
}

impl Second {
    /// What a person has, or may enroll, that makes these proofs a pair of two classes.
    pub(super) fn of(subject: &Enrolled, proofs: &[&Proof]) -> Self {
        let policy = &subject.policy;
        let is_first = |kind: &FactorKind| policy.first_factors.contains(kind);
        let is_second = |kind: &FactorKind| policy.second_factors.contains(kind);
        let proved: Vec<_> = proofs.iter().map(|proof| proof.kind()).collect();
        let beside = if proved.is_empty() { &policy.first_factors } else { &proved };
        let completes = |kind: &FactorKind| {
            beside.iter().any(|other| {
                let is_pair = (is_first(other) && is_second(kind)) || (is_first(kind) && is_second(other));
                is_pair && class(*other) != class(*kind)
            })
        };
        let mut kinds: Vec<_> = policy.second_factors.iter().copied().filter(completes).collect();
        kinds.extend(policy.first_factors.iter().filter(|kind| !is_second(kind) && completes(kind)));
        // A stable sort: the preferred one first, the others in the policy's order.
        kinds.sort_by_key(|kind| policy.preferred != Some(*kind));
        let has: Vec<_> = kinds.iter().copied().filter(|kind| subject.kinds.contains(kind)).collect();
        kinds.retain(|kind| class(*kind) == Class::Held);
        if !has.is_empty() {
            Self::Has(has)
        } else if subject.may_enroll && !kinds.is_empty() {
            Self::MayEnroll(kinds)
        } else {
            Self::None
        }
    }

    /// Whether there is a way at all.
    pub(super) fn is_reachable(&self) -> bool {
        !matches!(self, Self::None)
    }
}
