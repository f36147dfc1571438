//! Types for verified factors: a verified attempt is a [`Candidate`]; once storage has used up its evidence,
//! it is a [`Proof`].

use crate::clock::Timestamp;
use crate::directory::FactorKind;
use ::entity::ids::{AuthenticatorId, PersonId};
use serde::{Deserialize, Serialize};

/// Storage of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyProtection {
    /// In software: a browser's profile, an app's storage.
    Software,
    /// In hardware from which it cannot be exported.
    Hardware,
}

/// Verified evidence that another request may still use up first. It counts for nothing until confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a candidate proves nothing until storage has used up what it was made from"]
pub struct Candidate(Proof);

/// Receipt for using up a code, an answer or a password attempt: storage gives it to exactly one request.
#[derive(Debug)]
#[must_use]
pub struct Receipt(());

impl Receipt {
    /// Creates a receipt. Called only where a guarded statement has changed exactly one row; a test lists the
    /// permitted callers.
    pub fn from_storage() -> Self {
        Self(())
    }
}

/// One factor, proved by one person at one time. Its assurance is derived, never stored.
///
/// An unknown member of a stored proof adds nothing. A member that restricts raises the version, `v`, so that
/// older nodes do not count the proof at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredProof")]
pub struct Proof {
    person: PersonId,
    kind: FactorKind,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyProtection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_verified: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authenticator: Option<AuthenticatorId>,
}

/// A proof as it is stored. Without `v` it has version 1, the only one so far.
#[derive(Deserialize)]
struct StoredProof {
    v: Option<u64>,
    person: PersonId,
    kind: FactorKind,
    at: Timestamp,
    key: Option<KeyProtection>,
    user_verified: Option<bool>,
    authenticator: Option<AuthenticatorId>,
}

impl TryFrom<StoredProof> for Proof {
    type Error = &'static str;

    fn try_from(stored: StoredProof) -> Result<Self, &'static str> {
        let StoredProof { v, person, kind, at, key, user_verified, authenticator } = stored;
        if v.is_some_and(|version| version > 1) {
            return Err("expected a proof of version 1");
        }
        Ok(Self { person, kind, at, key, user_verified, authenticator })
    }
}

impl Candidate {
    /// Creates a candidate for a factor without a key.
    pub(in crate::factors) fn new(person: PersonId, kind: FactorKind, at: Timestamp) -> Self {
        Self(Proof { person, kind, at, key: None, user_verified: None, authenticator: None })
    }

    /// Creates a candidate for a factor that signs with a key.
    pub(in crate::factors) fn signed(
        person: PersonId,
        kind: FactorKind,
        at: Timestamp,
        key: KeyProtection,
        user_verified: Option<bool>,
    ) -> Self {
        Self(Proof { person, kind, at, key: Some(key), user_verified, authenticator: None })
    }

    /// Names the authenticator that gives the proof.
    pub fn by(self, authenticator: AuthenticatorId) -> Self {
        Self(Proof { authenticator: Some(authenticator), ..self.0 })
    }

    /// Returns the proof in exchange for the receipt.
    pub fn confirm(self, _receipt: Receipt) -> Proof {
        self.0
    }
}

impl Proof {
    /// Returns the person who proved the factor.
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// Returns the kind of the factor.
    pub const fn kind(&self) -> FactorKind {
        self.kind
    }

    /// Returns the time of the proof.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the storage of the key, for a factor that signs.
    pub const fn key(&self) -> Option<KeyProtection> {
        self.key
    }

    /// Returns whether the device verified its user; `None` for a factor that cannot.
    pub const fn user_verified(&self) -> Option<bool> {
        self.user_verified
    }

    /// Returns the authenticator that gave it; `None` for a password, and for a proof of an older version.
    pub const fn authenticator(&self) -> Option<AuthenticatorId> {
        self.authenticator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Proof {
        /// Names the authenticator, for tests of the layers above.
        pub(crate) fn named(self, authenticator: AuthenticatorId) -> Self {
            Self { authenticator: Some(authenticator), ..self }
        }

        /// Creates a proof for tests of the layers above.
        pub(crate) fn sample(person: PersonId, kind: FactorKind, at: Timestamp) -> Self {
            match kind {
                FactorKind::Push => Candidate::signed(person, kind, at, KeyProtection::Software, Some(true)),
                FactorKind::Password | FactorKind::Totp => Candidate::new(person, kind, at),
            }
            .confirm(Receipt(()))
        }
    }

    fn alice() -> PersonId {
        "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    #[test]
    fn a_proof_survives_the_session_row() {
        for kind in FactorKind::ALL {
            let proof = Proof::sample(alice(), kind, Timestamp(7));
            let row = serde_json::to_value(&proof).unwrap();
            assert_eq!(serde_json::from_value::<Proof>(row).unwrap(), proof);
            let named = proof.named("dev_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap());
            let row = serde_json::to_value(&named).unwrap();
            assert_eq!(serde_json::from_value::<Proof>(row).unwrap(), named);
        }
    }

    #[test]
    fn an_unknown_member_of_a_proof_adds_nothing() {
        let proof = Proof::sample(alice(), FactorKind::Totp, Timestamp(7));
        let mut row = serde_json::to_value(&proof).unwrap();
        row["level"] = "9".into();
        assert_eq!(serde_json::from_value::<Proof>(row).unwrap(), proof);
    }

    #[test]
    fn a_proof_of_a_later_version_or_an_unknown_kind_is_not_read() {
        let row = serde_json::to_value(Proof::sample(alice(), FactorKind::Totp, Timestamp(7))).unwrap();
        assert_eq!(row.get("v"), None, "nodes of the former version refuse the member");
        for (member, value, is_read) in
            [("v", 1.into(), true), ("v", 2.into(), false), ("kind", "palm".into(), false)]
        {
            let mut row = row.clone();
            row[member] = value;
            assert_eq!(serde_json::from_value::<Proof>(row.clone()).is_ok(), is_read, "{row}");
        }
    }
}
