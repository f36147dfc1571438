//! Who may perform a use case.

use super::ActionError;
use crate::audit::Actor;
use ::entity::ids::{ClientKey, PersonId};

/// The right that a use case requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Any caller, for what a caller without proof causes: a failure is counted, an enrollment claimed.
    Anyone,
    /// The operator: a command on the host, or the holder of the set-up link that the server printed there.
    Host,
    /// A person, for what is their own; a device acts for its owner.
    Person(PersonId),
    /// A client that has authenticated, for what was issued to it.
    Client(ClientKey),
    /// The server itself: a background task.
    System,
}

impl Right {
    /// Checks that `actor` has this right.
    pub(super) fn check(self, actor: Actor) -> Result<(), ActionError> {
        let is_held = match self {
            Self::Anyone => true,
            Self::Host => actor == Actor::Host,
            Self::Person(person) => actor == Actor::Person(person),
            Self::Client(client) => actor == Actor::Client(client),
            Self::System => actor == Actor::System,
        };
        if is_held { Ok(()) } else { Err(ActionError::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    const PERSON: Actor = Actor::Person(PersonId(Uuid::from_u128(1)));
    const CLIENT: Actor = Actor::Client(ClientKey(Uuid::from_u128(2)));
    const ACTORS: [Actor; 5] = [Actor::Anonymous, PERSON, CLIENT, Actor::Host, Actor::System];

    /// The actors that have a right.
    fn holders(right: Right) -> Vec<Actor> {
        ACTORS.into_iter().filter(|actor| right.check(*actor).is_ok()).collect()
    }

    #[test]
    fn anyone_may_cause_what_needs_no_proof() {
        assert_eq!(holders(Right::Anyone), ACTORS);
    }

    #[test]
    fn only_the_host_has_the_rights_of_the_operator() {
        assert_eq!(holders(Right::Host), [Actor::Host]);
    }

    #[test]
    fn a_person_has_a_right_to_their_own_things_only() {
        let (person, other) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(3)));
        assert_eq!(holders(Right::Person(person)), [PERSON]);
        assert_eq!(holders(Right::Person(other)), []);
    }

    #[test]
    fn a_client_has_a_right_to_its_own_things_only() {
        let (client, other) = (ClientKey(Uuid::from_u128(2)), ClientKey(Uuid::from_u128(1)));
        assert_eq!(holders(Right::Client(client)), [CLIENT]);
        assert_eq!(holders(Right::Client(other)), []);
    }

    #[test]
    fn only_the_server_has_the_rights_of_a_background_task() {
        assert_eq!(holders(Right::System), [Actor::System]);
    }
}
