//! The typed ids, one line each. Ids of different kinds do not mix, and the text of each names its kind.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{TryFromU64, entity::prelude::*};

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The prefix of the id's text, before the first underscore.
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
    /// The row of a relying party; the `client_id` of the protocol is another value.
    ClientKey = "cli";
    /// A person; also the `sub` that relying parties see.
    PersonId = "per";
    /// An enrolled authenticator: a phone, or a TOTP generator.
    AuthenticatorId = "dev";
    /// An enrollment.
    EnrollmentId = "enr";
    /// A challenge to a person's devices.
    ChallengeId = "ch";
    /// A sign-in in progress.
    JourneyId = "jrn";
    /// A signed-in browser; also the `sid` claim.
    BrowserSessionId = "ses";
    /// The authorization of a client by a person.
    GrantId = "grt";
    /// A queued delivery.
    OutboxId = "out";
    /// An event of the audit log.
    AuditEventId = "aud";
    /// A ticket or an invitation.
    TicketId = "tkt";
}

impl ClientKey {
    /// Returns the key of a client that is part of the program and has no row. The keys of rows begin with the
    /// time at which they were made, so that none of them is as low.
    pub const fn built_in(number: u8) -> Self {
        Self(Uuid::from_u128(number as u128))
    }
}

/// A text that is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedId {
    /// The expected prefix, without its underscore.
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
