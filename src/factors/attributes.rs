//! What a factor is worth. A proof stores what happened; its worth is derived from that each time, never stored.

use super::classes::Attributes;
use super::proof::{KeyProtection, Proof};
use super::registry::method;

/// Derives what a proof is worth.
pub fn attributes(proof: &Proof) -> Attributes {
    let method = method(proof.kind());
    Attributes {
        classes: method.classes,
        phishing_resistant: method.is_phishing_resistant,
        user_verified: method.is_signed && proof.user_verified() == Some(true),
        hardware: method.is_signed && proof.key() == Some(KeyProtection::Hardware),
    }
}

impl Proof {
    /// Returns whether the factor is held.
    pub fn is_held(&self) -> bool {
        attributes(self).classes.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::directory::FactorKind::{self, Password, Push, Totp};
    use crate::factors::Classes;

    fn of(kind: FactorKind, changed: &[(&str, serde_json::Value)]) -> Attributes {
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        let mut stored = serde_json::to_value(Proof::sample(person, kind, Timestamp(0))).unwrap();
        for (member, value) in changed {
            stored[*member] = value.clone();
        }
        attributes(&serde_json::from_value(stored).unwrap())
    }

    #[test]
    fn a_proof_is_worth_what_has_happened() {
        let known = Attributes { classes: Classes::KNOWN, ..Attributes::default() };
        let held = Attributes { classes: Classes::HELD, ..Attributes::default() };
        let verified = Attributes { user_verified: true, ..held };
        assert_eq!(of(Password, &[]), known);
        assert_eq!(of(Totp, &[]), held);
        assert_eq!(of(Push, &[("user_verified", true.into())]), verified);
        assert_eq!(of(Push, &[("user_verified", false.into())]), held);
        assert_eq!(of(Push, &[("key", "hardware".into())]), Attributes { hardware: true, ..verified });
    }

    #[test]
    fn a_proof_of_an_older_version_is_worth_the_least() {
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        let mut stored = serde_json::to_value(Proof::sample(person, Push, Timestamp(0))).unwrap();
        let members = stored.as_object_mut().unwrap();
        members.retain(|member, _| !["key", "user_verified"].contains(&member.as_str()));
        let proof: Proof = serde_json::from_value(stored).unwrap();
        assert_eq!(attributes(&proof), Attributes { classes: Classes::HELD, ..Attributes::default() });
    }

    #[test]
    fn the_best_proof_of_a_kind_is_worth_what_its_row_says() {
        for kind in FactorKind::ALL {
            let most = method(kind).most();
            let worth = of(kind, &[("key", "hardware".into()), ("user_verified", true.into())]);
            assert_eq!(worth, most, "{kind:?}: the row says all of it, and no more");
        }
    }

    #[test]
    fn a_phone_and_a_generator_are_one_class() {
        assert_eq!(method(Push).classes, method(Totp).classes);
        assert_ne!(method(Push).classes, method(Password).classes);
    }
}
