//! Who acts, and by which interface.

use ::entity::ids::{ClientKey, PersonId};

/// Who acts. An audit event cannot be written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A caller who has proved nothing, such as a browser before the first factor.
    Anonymous,
    /// A person who has proved a factor, or whose session or device acts.
    Person(PersonId),
    /// A client that has authenticated; a public client has only named itself.
    Client(ClientKey),
    /// A user of the host: a command, or the set-up link that the server prints at its start.
    Host,
    /// The server itself, such as a background task.
    System,
}

impl Actor {
    /// Returns the stored word.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Person(_) => "person",
            Self::Client(_) => "client",
            Self::Host => "host",
            Self::System => "system",
        }
    }

    /// Returns the id as text, such as `per_…`; `None` for an actor without a row.
    pub fn id(self) -> Option<String> {
        match self {
            Self::Person(id) => Some(id.to_string()),
            Self::Client(key) => Some(key.to_string()),
            Self::Anonymous | Self::Host | Self::System => None,
        }
    }
}

/// The interface by which an actor acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The pages of a sign-in, sign-out and set-up.
    Signin,
    /// The device API.
    Device,
    /// The endpoints for clients.
    Oidc,
    /// The command line.
    Cli,
    /// A background task.
    Worker,
}

impl Via {
    /// Returns the stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signin => "signin",
            Self::Device => "device",
            Self::Oidc => "oidc",
            Self::Cli => "cli",
            Self::Worker => "worker",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    #[test]
    fn only_people_and_clients_have_an_id() {
        let (person, client) = (PersonId(Uuid::from_u128(1)), ClientKey(Uuid::from_u128(2)));
        let shown = |actor: Actor| (actor.kind(), actor.id());
        assert_eq!(shown(Actor::Person(person)), ("person", Some(person.to_string())));
        assert_eq!(shown(Actor::Client(client)), ("client", Some(client.to_string())));
        for (actor, kind) in
            [(Actor::Anonymous, "anonymous"), (Actor::Host, "host"), (Actor::System, "system")]
        {
            assert_eq!(shown(actor), (kind, None));
        }
    }
}
