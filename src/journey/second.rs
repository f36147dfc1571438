//! Selects the second factor: the available ones, or those to enroll.

use super::demand::Enrolled;
use crate::directory::FactorKind;
use crate::factors::{Class, Proof, class};

/// The options for a second factor.
pub(super) enum Second {
    /// The person has these, the preferred one first.
    Has(Vec<FactorKind>),
    /// The person may enroll one of these, the preferred one first.
    MayEnroll(Vec<FactorKind>),
    /// The person has none and may not enroll one.
    None,
}

impl Second {
    /// Finds the factors that complete `proofs` to two factors of different classes.
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
        // A stable sort: the preferred factor first, the others in the policy's order.
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

    /// Tells whether the person has or may enroll a second factor.
    pub(super) fn is_reachable(&self) -> bool {
        !matches!(self, Self::None)
    }
}
