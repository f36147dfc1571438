//! Who may perform a use case.

use super::ActionError;
use crate::audit::Actor;

/// The right that a use case requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The operator: a command on the host, or the holder of the set-up link that the server printed there.
    Host,
}

impl Right {
    /// Checks that `actor` has this right.
    pub(super) fn check(self, actor: Actor) -> Result<(), ActionError> {
        let is_held = match self {
            Self::Host => actor == Actor::Host,
        };
        if is_held { Ok(()) } else { Err(ActionError::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::entity::ids::{ClientKey, PersonId};
    use sea_orm::prelude::Uuid;

    const PERSON: Actor = Actor::Person(PersonId(Uuid::from_u128(1)));
    const ACTORS: [Actor; 5] =
        [Actor::Anonymous, PERSON, Actor::Client(ClientKey(Uuid::from_u128(2))), Actor::Host, Actor::System];

    /// The actors that have a right.
    fn holders(right: Right) -> Vec<Actor> {
        ACTORS.into_iter().filter(|actor| right.check(*actor).is_ok()).collect()
    }

    #[test]
    fn only_the_host_has_the_rights_of_the_operator() {
        assert_eq!(holders(Right::Host), [Actor::Host]);
    }
}
