//! Selects the second factor: the available ones, or those to enroll.

use super::inputs::Inputs;
use super::requirement::{Requirement, reached};
use crate::directory::FactorKind;
use crate::factors::{Classes, Proof, attributes, method};

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
    /// Finds the factors that bring `proofs` nearer to `requirement`: of another class, or with the attributes that
    /// it requires. A kind of which `done_here` has a proof without these attributes is not asked for again.
    pub(super) fn of(
        inputs: &Inputs,
        proofs: &[&Proof],
        requirement: &Requirement,
        done_here: &[&Proof],
    ) -> Self {
        let policy = &inputs.policy;
        let is_second = |kind: &FactorKind| policy.second_factors.contains(kind);
        let lacks_attributes = requirement.lacks_attributes(proofs);
        let is_level_reached =
            lacks_attributes && reached(proofs, policy).is_some_and(|level| level >= requirement.level);
        let has_attributes = |kind: &FactorKind| {
            requirement.admits(method(*kind).most()) && !done_here.iter().any(|proof| proof.kind() == *kind)
        };
        let completes = |kind: &FactorKind| match is_level_reached {
            true => has_attributes(kind),
            false => adds_a_class(inputs, proofs, *kind),
        };
        let mut kinds: Vec<_> = policy.second_factors.iter().copied().filter(completes).collect();
        kinds.extend(policy.first_factors.iter().filter(|kind| !is_second(kind) && completes(kind)));
        if lacks_attributes && kinds.iter().any(has_attributes) {
            kinds.retain(has_attributes);
        }
        // A stable sort: the preferred factor first, the others in the policy's order.
        kinds.sort_by_key(|kind| policy.preferred != Some(*kind));
        let has: Vec<_> = kinds.iter().copied().filter(|kind| inputs.methods.kinds.contains(kind)).collect();
        kinds.retain(|kind| method(*kind).enroll.is_some());
        if !has.is_empty() {
            Self::Has(has)
        } else if inputs.methods.may_enroll && !kinds.is_empty() {
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

/// Whether a proof of `kind` adds a class to one of `proofs`, or, before the first one, to a first factor. One of the
/// two must be a first factor of the policy and the other one a second.
fn adds_a_class(inputs: &Inputs, proofs: &[&Proof], kind: FactorKind) -> bool {
    let (first, second) = (&inputs.policy.first_factors, &inputs.policy.second_factors);
    let proved = proofs.iter().map(|proof| (proof.kind(), attributes(proof).classes));
    let mut beside: Vec<(FactorKind, Classes)> = proved.collect();
    if beside.is_empty() {
        beside.extend(first.iter().map(|kind| (*kind, method(*kind).classes)));
    }
    beside.into_iter().any(|(other, classes)| {
        let is_pair = (first.contains(&other) && second.contains(&kind))
            || (first.contains(&kind) && second.contains(&other));
        is_pair && classes.and(method(kind).most().classes).count() > classes.count()
    })
}
