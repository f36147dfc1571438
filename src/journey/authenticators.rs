//! Which proofs count: a proof counts only while the authenticator that gave it is active.

use crate::clock::Timestamp;
use crate::factors::Proof;
use ::entity::ids::AuthenticatorId;
use std::collections::BTreeSet;

/// The authenticators of a person, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authenticators {
    /// The active ones.
    pub active: BTreeSet<AuthenticatorId>,
    /// Those that could be used once and are suspended or removed.
    pub lost: Vec<LostAuthenticator>,
}

/// An authenticator that could be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostAuthenticator {
    /// Since when it could be used.
    pub active_from: Timestamp,
    /// When it was removed; `None` while it is suspended.
    pub ended_at: Option<Timestamp>,
}

impl Authenticators {
    /// Returns whether `proof` counts. A password is no authenticator of this list. A held proof that names
    /// none, because an older version has stored it, counts unless a lost one may have given it.
    pub fn vouch_for(&self, proof: &Proof) -> bool {
        if !proof.is_held() {
            return true;
        }
        match proof.authenticator() {
            Some(authenticator) => self.active.contains(&authenticator),
            None => !self.lost.iter().any(|lost| lost.was_usable(proof.at())),
        }
    }
}

impl LostAuthenticator {
    /// A suspension has no time, so that it counts from the beginning.
    fn was_usable(&self, at: Timestamp) -> bool {
        self.active_from <= at && self.ended_at.is_none_or(|ended_at| ended_at >= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::FactorKind::{Password, Push, Totp};

    fn id(text: &str) -> AuthenticatorId {
        format!("dev_AAAAAAAAAAAAAAAAAAAAA{text}").parse().unwrap()
    }

    #[test]
    fn a_proof_counts_while_the_authenticator_that_it_names_is_active() {
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        let by = |kind| Proof::sample(person, kind, Timestamp(7)).named(id("Q"));
        let of = |active: &[AuthenticatorId]| Authenticators {
            active: active.iter().copied().collect(),
            ..Authenticators::default()
        };
        for kind in [Push, Totp] {
            assert!(of(&[id("Q"), id("g")]).vouch_for(&by(kind)));
            assert!(!of(&[id("g")]).vouch_for(&by(kind)));
        }
        assert!(of(&[]).vouch_for(&Proof::sample(person, Password, Timestamp(7))));
    }

    #[test]
    fn a_proof_without_a_name_counts_unless_a_lost_authenticator_may_have_given_it() {
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        let lost = |from, ended_at: Option<i64>| Authenticators {
            active: BTreeSet::new(),
            lost: vec![LostAuthenticator { active_from: Timestamp(from), ended_at: ended_at.map(Timestamp) }],
        };
        let proof = Proof::sample(person, Push, Timestamp(7));
        assert!(Authenticators::default().vouch_for(&proof));
        for (authenticators, counts, why) in [
            (lost(5, Some(9)), false, "removed after the proof"),
            (lost(5, None), false, "suspended"),
            (lost(5, Some(6)), true, "removed before the proof"),
            (lost(8, Some(9)), true, "added after the proof"),
        ] {
            assert_eq!(authenticators.vouch_for(&proof), counts, "{why}");
        }
    }
}
