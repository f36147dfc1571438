//! The register of typed ids: one line each. Two kinds never mix, and each says in its text what it names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{TryFromU64, entity::prelude::*};

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The word before the first underscore of this id's text.
            pub const PREFIX: &'static str = $prefix;
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(self.0.as_bytes()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                let wrong = MalformedId { expected: Self::PREFIX };
                let body = text.strip_prefix(Self::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(wrong)?;
                let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| wrong)?;
                Uuid::from_slice(&bytes).map(Self).map_err(|_| wrong)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

typed_ids! {
    /// A tenant and an issuer.
    WorkspaceId = "wsp";
    /// A directory of people with its own sign-in policy.
    PoolId = "pool";
    /// A relying party's row; the `client_id` of the protocol is its name, not this.
    ClientKey = "cli";
    /// A person; also the `sub` that relying parties see.
    PersonId = "per";
    /// What is enrolled: a phone, or a TOTP generator.
    AuthenticatorId = "dev";
    /// One pairing in progress.
    EnrollmentId = "enr";
    /// One question to a person's devices.
    ChallengeId = "ch";
    /// One sign-in in progress.
    JourneyId = "jrn";
    /// One browser that is signed in; also the `sid` claim.
    BrowserSessionId = "ses";
    /// What a client was given at one authorization.
    GrantId = "grt";
    /// One row of what leaves the house.
    OutboxId = "out";
    /// One line of the audit trail.
    AuditEventId = "aud";
}

/// An id's text that does not name the kind of thing expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedId {
    /// The prefix that was expected, without its underscore.
    pub expected: &'static str,
}

impl std::fmt::Display for MalformedId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected an id of the form {}_ and 22 characters of base64url", self.expected)
    }
}

impl std::error::Error for MalformedId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_text_and_never_as_another_kind() {
        let person = PersonId(Uuid::from_u128(7));
        assert_eq!(person.to_string().parse(), Ok(person));
        assert_eq!(person.to_string().parse::<PoolId>(), Err(MalformedId { expected: "pool" }));
        assert_eq!(person.to_string().len(), "per_".len() + 22);
    }
}
