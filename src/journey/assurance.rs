//! Derives `acr`, `amr` and `auth_time` from the stored proofs (OpenID Connect Core §2, RFC 8176).

use crate::audit::AuditEvent;
use crate::clock::Timestamp;
use crate::factors::{Classes, Proof, attributes, method};
use crate::protocol::acr::Acr;
use crate::protocol::amr::Amr;
use ::entity::ids::{AuthenticatorId, BrowserSessionId, PersonId};
use std::collections::BTreeSet;

/// The result of a completed sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assurance {
    /// The signed-in person.
    pub person: PersonId,
    /// The `acr` of the token: the reached class, or a lower one if the request lists only that as essential.
    pub acr: Acr,
    /// The authentication methods, in the order of the token.
    pub amr: BTreeSet<Amr>,
    /// The completion of the sign-in that last proved a first factor.
    pub auth_time: Timestamp,
    /// The valid proofs, for the session's row.
    pub proofs: Vec<Proof>,
    /// The authenticator without whose proof `acr` is not reached; `None` if there is none, or an older version
    /// has stored its proof without a name.
    pub relies_on: Option<AuthenticatorId>,
    /// The session to continue if nothing new was proved; `None` starts a new one.
    pub session: Option<BrowserSessionId>,
}

impl Assurance {
    /// The audit event of a sign-in by new proofs or by the continued session.
    pub fn succeeded(&self) -> AuditEvent {
        self.succeeded_by(if self.session.is_some() { "session" } else { "proved" })
    }

    /// The audit event of a sign-in without any page.
    pub fn succeeded_silently(&self) -> AuditEvent {
        self.succeeded_by("silently")
    }

    fn succeeded_by(&self, how: &'static str) -> AuditEvent {
        let amr = self.amr.iter().copied().map(Amr::as_str).collect();
        AuditEvent::SignInSucceeded { how, acr: self.acr.as_str(), amr }
    }
}

/// The authentication methods of these proofs (RFC 8176 §2).
pub(super) fn amr(proofs: &[&Proof]) -> BTreeSet<Amr> {
    let mut methods: BTreeSet<Amr> = proofs.iter().flat_map(|proof| methods(proof)).collect();
    let classes = proofs.iter().map(|proof| attributes(proof).classes);
    if classes.fold(Classes::NONE, Classes::and).count() > 1 {
        methods.insert(Amr::Mfa);
    }
    methods
}

fn methods(proof: &Proof) -> impl Iterator<Item = Amr> {
    let method = method(proof.kind());
    let key = if attributes(proof).hardware { Amr::Hwk } else { Amr::Swk };
    method.amr.iter().copied().chain(method.is_signed.then_some(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::FactorKind::{self, Password, Push, Totp};

    #[test]
    fn the_methods_are_those_of_the_proofs() {
        let person = "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap();
        let cases: [(&[FactorKind], &str); 5] = [
            (&[Password], "pwd"),
            (&[Push, Password], "pwd pop swk user mfa"),
            (&[Password, Totp], "pwd otp mfa"),
            (&[Totp, Push], "otp pop swk user"),
            (&[], ""),
        ];
        for (kinds, expected) in cases {
            let proofs: Vec<_> =
                kinds.iter().map(|kind| Proof::sample(person, *kind, Timestamp(0))).collect();
            let words: Vec<_> =
                amr(&proofs.iter().collect::<Vec<_>>()).into_iter().map(Amr::as_str).collect();
            assert_eq!(words.join(" "), expected);
        }
        let mut stored = serde_json::to_value(Proof::sample(person, Push, Timestamp(0))).unwrap();
        stored["key"] = "hardware".into();
        let in_hardware: Proof = serde_json::from_value(stored).unwrap();
        let words: Vec<_> = amr(&[&in_hardware]).into_iter().map(Amr::as_str).collect();
        assert_eq!(words.join(" "), "pop hwk user");
    }
}
