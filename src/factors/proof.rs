//! What it means to have proved something: a checked attempt is a [`Candidate`], a used-up one a [`Proof`].

use crate::clock::Timestamp;
use crate::directory::FactorKind;
use ::entity::ids::PersonId;
use serde::{Deserialize, Serialize};

/// A class of factor (NIST SP 800-63B-4 §1): two proofs of one class are still one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Something known.
    Known,
    /// Something held.
    Held,
}

/// The class that a kind of factor belongs to.
pub const fn class(kind: FactorKind) -> Class {
    match kind {
        FactorKind::Password => Class::Known,
        FactorKind::Push | FactorKind::Totp => Class::Held,
    }
}

/// Where a key that signed lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyProtection {
    /// In software: a browser's profile, an app's storage.
    Software,
    /// In hardware that does not let it out.
    Hardware,
}

/// Evidence that was checked, but that someone else may use up first. It counts for nothing until confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a candidate proves nothing until storage has used up what it was made from"]
pub struct Candidate(Proof);

/// The receipt for having used up a code, an answer or a password attempt: storage gives it to the one winner.
#[derive(Debug)]
#[must_use]
pub struct Receipt(());

impl Receipt {
    /// Made where the guarded statement changed exactly one row, and nowhere else: a test watches who says this.
    pub fn from_storage() -> Self {
        Self(())
    }
}

/// One factor, proved by one person at one time. What it is worth is derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    person: PersonId,
    kind: FactorKind,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyProtection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_verified: Option<bool>,
}

impl Candidate {
    /// A candidate for a factor without a key.
    pub(in crate::factors) fn new(person: PersonId, kind: FactorKind, at: Timestamp) -> Self {
        Self(Proof { person, kind, at, key: None, user_verified: None })
    }

    /// A candidate for a factor that signed with a key.
    pub(in crate::factors) fn signed(
        person: PersonId,
        kind: FactorKind,
        at: Timestamp,
        key: KeyProtection,
        user_verified: Option<bool>,
    ) -> Self {
        Self(Proof { person, kind, at, key: Some(key), user_verified })
    }

    /// The proof, for the one who used up what the candidate was made from.
    pub fn confirm(self, _receipt: Receipt) -> Proof {
        self.0
    }
}

impl Proof {
    /// Who proved it.
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// What was proved.
    pub const fn kind(&self) -> FactorKind {
        self.kind
    }

    /// When.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Where the key lives, for a factor that signs.
    pub const fn key(&self) -> Option<KeyProtection> {
        self.key
    }

    /// Whether the device verified its user, for a factor that can.
    pub const fn user_verified(&self) -> Option<bool> {
        self.user_verified
    }

    /// A proof for tests of the rooms above.
    #[cfg(test)]
    pub(crate) fn sample(person: PersonId, kind: FactorKind, at: Timestamp) -> Self {
        match kind {
            FactorKind::Push => Candidate::signed(person, kind, at, KeyProtection::Software, Some(true)),
            FactorKind::Password | FactorKind::Totp => Candidate::new(person, kind, at),
        }
        .confirm(Receipt(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> PersonId {
        "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    #[test]
    fn a_proof_survives_the_session_row() {
        for kind in [FactorKind::Password, FactorKind::Push, FactorKind::Totp] {
            let proof = Proof::sample(alice(), kind, Timestamp(7));
            let row = serde_json::to_value(&proof).unwrap();
            assert_eq!(serde_json::from_value::<Proof>(row).unwrap(), proof);
        }
    }

    #[test]
    fn a_row_with_a_member_that_nobody_knows_is_not_a_proof() {
        let mut row = serde_json::to_value(Proof::sample(alice(), FactorKind::Totp, Timestamp(7))).unwrap();
        assert!(serde_json::from_value::<Proof>(row.clone()).is_ok());
        row["level"] = "9".into();
        assert!(serde_json::from_value::<Proof>(row).is_err());
    }

    #[test]
    fn a_phone_and_a_generator_are_one_class() {
        assert_eq!(class(FactorKind::Push), class(FactorKind::Totp));
        assert_ne!(class(FactorKind::Push), class(FactorKind::Password));
    }
}
