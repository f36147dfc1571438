//! When a password that must be changed is changed.

use super::inputs::Inputs;
use super::requirement::{Requirement, RequirementReason};
use super::second::Second;
use super::state::{Journey, ask};
use super::step::{SignInFailure, Step};
use crate::directory::PoolPolicy;
use crate::factors::{Proof, method};

impl Journey {
    /// Returns the step that a password which must be changed requires before this sign-in gives anything for
    /// it; `None` when it need not be changed, or does not count here. It is changed after it was proved in
    /// this sign-in, and after a held factor, if the person has one: a stranger who knows the password, or has
    /// the cookie of a session, does not choose the next one.
    pub(super) fn password_change(&self, inputs: &Inputs, proofs: &[&Proof]) -> Option<Step> {
        let is_memorized = |proof: &&&Proof| method(proof.kind()).is_memorized;
        let password = proofs.iter().find(is_memorized).filter(|_| inputs.methods.must_change_password)?;
        let reasons = || [RequirementReason::PasswordChange].into();
        let done_here: Vec<&Proof> = self.own_proofs(inputs).collect();
        if !done_here.iter().any(|proof| is_memorized(&proof)) {
            return Some(ask(&[password.kind()], reasons()));
        }
        if done_here.iter().any(|proof| proof.is_held()) {
            return Some(Step::ChangePassword);
        }
        Some(match Second::of(inputs, &done_here, &Requirement::least(), &[]) {
            Second::Has(kinds) => ask(&self.acceptable(kinds), reasons()),
            // A suspended device protects the password as well; the help desk goes on from here.
            Second::None if !inputs.methods.may_enroll && admits_held(&inputs.policy) => {
                Step::Refused(SignInFailure::Unmet)
            }
            Second::MayEnroll(_) | Second::None => Step::ChangePassword,
        })
    }
}

/// Returns whether the policy admits a held factor at all.
fn admits_held(policy: &PoolPolicy) -> bool {
    policy.first_factors.iter().chain(&policy.second_factors).any(|kind| method(*kind).classes.held)
}
