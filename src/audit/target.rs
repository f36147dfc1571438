//! What an event is about.

use ::entity::ids::{
    AuthenticatorId, BrowserSessionId, ChallengeId, ClientKey, EnrollmentId, GrantId, JourneyId, PersonId,
    PoolId, WorkspaceId,
};

macro_rules! targets {
    ($($(#[$doc:meta])+ $name:ident($id:ty) = $kind:literal;)+) => {
        /// The object of an event, by its id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Target { $($(#[$doc])+ $name($id),)+ }

        impl Target {
            /// Returns the stored word.
            pub const fn kind(self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)+ }
            }

            /// Returns the id as text, such as `per_…`.
            pub fn id(self) -> String {
                match self { $(Self::$name(id) => id.to_string(),)+ }
            }
        }

        $(impl From<$id> for Target {
            fn from(id: $id) -> Self { Self::$name(id) }
        })+
    };
}

targets! {
    /// A person.
    Person(PersonId) = "person";
    /// A client.
    Client(ClientKey) = "client";
    /// A phone or a generator of one-time codes.
    Device(AuthenticatorId) = "device";
    /// A sign-in.
    Journey(JourneyId) = "journey";
    /// A challenge.
    Challenge(ChallengeId) = "challenge";
    /// An enrollment.
    Enrollment(EnrollmentId) = "enrollment";
    /// A session of a browser.
    Session(BrowserSessionId) = "session";
    /// A grant.
    Grant(GrantId) = "grant";
    /// A pool.
    Pool(PoolId) = "pool";
    /// A workspace.
    Workspace(WorkspaceId) = "workspace";
}

/// The target of an event, and everything else that it is about, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditTarget {
    target: Option<Target>,
    person: Option<PersonId>,
    client: Option<ClientKey>,
    device: Option<AuthenticatorId>,
    journey: Option<JourneyId>,
    workspace: Option<WorkspaceId>,
}

/// Begins the description of what an event is about, with its target.
pub fn about(target: impl Into<Target>) -> AuditTarget {
    let target = target.into();
    let about = AuditTarget { target: Some(target), ..AuditTarget::unknown() };
    match target {
        Target::Person(id) => about.person(id),
        Target::Client(key) => about.client(key),
        Target::Device(id) => about.device(id),
        Target::Journey(id) => about.journey(id),
        Target::Challenge(_)
        | Target::Enrollment(_)
        | Target::Session(_)
        | Target::Grant(_)
        | Target::Pool(_)
        | Target::Workspace(_) => about,
    }
}

impl AuditTarget {
    /// An event about nothing that exists, such as a request with an unknown client id.
    pub const fn unknown() -> Self {
        Self { target: None, person: None, client: None, device: None, journey: None, workspace: None }
    }

    /// Sets the workspace of the row that the event is about: a background task works for all of them.
    #[must_use]
    pub const fn of_workspace(mut self, id: WorkspaceId) -> Self {
        self.workspace = Some(id);
        self
    }

    /// Returns the workspace; `None` when it is that of the context.
    pub const fn workspace(&self) -> Option<WorkspaceId> {
        self.workspace
    }

    /// Sets the person, if there is one.
    #[must_use]
    pub fn person(self, person: impl Into<Option<PersonId>>) -> Self {
        Self { person: person.into(), ..self }
    }

    /// Sets the relying party, if there is one.
    #[must_use]
    pub fn client(self, client: impl Into<Option<ClientKey>>) -> Self {
        Self { client: client.into(), ..self }
    }

    /// Sets the phone or code generator, if there is one.
    #[must_use]
    pub fn device(self, device: impl Into<Option<AuthenticatorId>>) -> Self {
        Self { device: device.into(), ..self }
    }

    /// Sets the sign-in, if there is one.
    #[must_use]
    pub fn journey(self, journey: impl Into<Option<JourneyId>>) -> Self {
        Self { journey: journey.into(), ..self }
    }

    /// Returns the target; `None` for an event about nothing that exists.
    pub const fn target(&self) -> Option<Target> {
        self.target
    }

    /// Returns the person.
    pub const fn person_id(&self) -> Option<PersonId> {
        self.person
    }

    /// Returns the relying party.
    pub const fn client_key(&self) -> Option<ClientKey> {
        self.client
    }

    /// Returns the phone or code generator.
    pub const fn device_id(&self) -> Option<AuthenticatorId> {
        self.device
    }

    /// Returns the sign-in.
    pub const fn journey_id(&self) -> Option<JourneyId> {
        self.journey
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    #[test]
    fn a_target_with_a_column_of_its_own_fills_it() {
        let id = Uuid::from_u128(7);
        assert_eq!(about(PersonId(id)).person_id(), Some(PersonId(id)));
        assert_eq!(about(ClientKey(id)).client_key(), Some(ClientKey(id)));
        assert_eq!(about(AuthenticatorId(id)).device_id(), Some(AuthenticatorId(id)));
        assert_eq!(about(JourneyId(id)).journey_id(), Some(JourneyId(id)));
        assert_eq!(about(ChallengeId(id)).person_id(), None);
    }

    #[test]
    fn a_target_is_named_by_its_kind_and_the_text_of_its_id() {
        let grant = GrantId(Uuid::from_u128(7));
        let target = about(grant).person(PersonId(Uuid::from_u128(8))).target().unwrap();
        assert_eq!((target.kind(), target.id()), ("grant", grant.to_string()));
        assert_eq!(AuditTarget::unknown().target(), None);
    }
}
