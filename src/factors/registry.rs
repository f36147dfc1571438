//! The kinds of factors, one row each: everything that differs between them outside their own folders and pages.

use super::classes::{Attributes, Classes};
use crate::directory::FactorKind;
use crate::protocol::amr::Amr;

/// Where the record lies against which a factor is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// With the person: the hash of a password.
    Person,
    /// A phone with the authenticator.
    Phone,
    /// A phone or a generator with the seed of one-time codes.
    Seed,
}

/// One kind of factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The last segment of the path of its page, and its name in forms.
    pub segment: &'static str,
    /// The last segment of the path of the page on which a person adds it; `None` where they cannot.
    pub enroll: Option<&'static str>,
    /// Where its record lies.
    pub carrier: Carrier,
    /// The classes of each of its proofs.
    pub classes: Classes,
    /// Whether it cannot be given to another site than this one.
    pub is_phishing_resistant: bool,
    /// Whether a device signs with a key, and may verify its user before.
    pub is_signed: bool,
    /// Whether this server asks a device for it, instead of the page asking the person.
    pub is_challenged: bool,
    /// Whether it is a secret that the person has chosen, which others may come to know (NIST SP 800-63B-4
    /// §3.1.1): it is changed when that has happened.
    pub is_memorized: bool,
    /// Whether it is typed into a page, so that it can be passed on to the page of somebody else.
    pub is_typed: bool,
    /// The methods of RFC 8176 that a proof stands for, besides those of its key.
    pub amr: &'static [Amr],
}

/// Returns the row of a kind.
pub const fn method(kind: FactorKind) -> Method {
    match kind {
        FactorKind::Password => Method {
            segment: "password",
            enroll: None,
            carrier: Carrier::Person,
            classes: Classes::KNOWN,
            is_phishing_resistant: false,
            is_signed: false,
            is_challenged: false,
            is_memorized: true,
            is_typed: true,
            amr: &[Amr::Pwd],
        },
        FactorKind::Push => Method {
            segment: "push",
            enroll: Some("enroll"),
            carrier: Carrier::Phone,
            classes: Classes::HELD,
            is_phishing_resistant: false,
            is_signed: true,
            is_challenged: true,
            is_memorized: false,
            is_typed: false,
            amr: &[Amr::Pop, Amr::User],
        },
        FactorKind::Totp => Method {
            segment: "totp",
            enroll: Some("enroll"),
            carrier: Carrier::Seed,
            classes: Classes::HELD,
            is_phishing_resistant: false,
            is_signed: false,
            is_challenged: false,
            is_memorized: false,
            is_typed: true,
            amr: &[Amr::Otp],
        },
    }
}

impl Method {
    /// Returns the most that a proof of this kind can be worth.
    pub const fn most(self) -> Attributes {
        Attributes {
            classes: self.classes,
            phishing_resistant: self.is_phishing_resistant,
            user_verified: self.is_signed,
            hardware: self.is_signed,
        }
    }
}

/// Finds the kind whose page has this segment.
pub fn named(segment: &str) -> Option<FactorKind> {
    FactorKind::ALL.into_iter().find(|kind| method(*kind).segment == segment)
}

/// Returns the kinds whose record lies there.
pub fn carried_by(carrier: Carrier) -> impl Iterator<Item = FactorKind> {
    FactorKind::ALL.into_iter().filter(move |kind| method(*kind).carrier == carrier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_a_segment_of_its_own_which_is_its_stored_name() {
        let segments: BTreeSet<_> = FactorKind::ALL.into_iter().map(|kind| method(kind).segment).collect();
        assert_eq!(segments.len(), FactorKind::ALL.len());
        for kind in FactorKind::ALL {
            assert_eq!(named(method(kind).segment), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), method(kind).segment);
        }
        assert_eq!(named("palm"), None);
        assert_eq!(named(""), None);
    }

    #[test]
    fn a_row_does_not_contradict_itself() {
        for kind in FactorKind::ALL {
            let row = method(kind);
            assert!(row.classes.count() > 0, "{kind:?} belongs to a class");
            assert!(!row.amr.is_empty(), "{kind:?} has a method");
            assert!(!row.is_memorized || row.classes.known, "{kind:?}");
            assert_eq!(row.carrier == Carrier::Person, row.enroll.is_none(), "{kind:?}");
            assert!(!(row.is_challenged && row.is_typed), "{kind:?}");
            assert!(!(row.is_phishing_resistant && row.is_typed), "{kind:?}");
        }
    }
}
