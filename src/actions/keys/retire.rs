//! Deletes a key that nothing needs any more.

use super::{Key, Purpose, State, list_of};
use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext, hold_keys},
    audit::{AuditEvent, about},
    clock::Timestamp,
    storage::{signing_keys, transports},
};

/// Deletes a key, so that nothing that it has signed is valid any more, and returns it with the number of subscriptions
/// that ended with it. `is_forced` gives up what still needs the key, but not the last key of its kind.
///
/// # Errors
/// [`ActionError::NotFound`]; [`Conflict::KeyIsActive`], [`Conflict::KeyNeeded`] and [`Conflict::KeyHasSubscriptions`]
/// unless it is forced; [`Conflict::KeyIsTheLast`]; [`ActionError::Forbidden`] for another actor than the host; a fault
/// when the database does not answer.
pub async fn retire(
    app: &App,
    context: &RequestContext,
    kid: &str,
    is_forced: bool,
) -> Result<(Key, u64), ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let (workspace, now) = (context.tenant.workspace.id, context.now);
    hold_keys(&action.tx, now).await?;
    let mut keys = Vec::new();
    for purpose in Purpose::ALL {
        keys.extend(list_of(&action.tx, workspace, purpose, now).await?);
    }
    let key = keys.iter().find(|key| key.kid == kid).cloned().ok_or(ActionError::NotFound)?;
    check(&key, &keys, now, is_forced).map_err(ActionError::Conflict)?;
    let lost = match key.purpose {
        Purpose::Push => transports::lose_of_key(&action.tx, kid).await?,
        Purpose::IdToken => 0,
    };
    if !signing_keys::delete(&action.tx, workspace, kid).await? {
        return Err(ActionError::NotFound);
    }
    let event = AuditEvent::KeyRetired {
        kid: kid.to_owned(),
        purpose: key.purpose.as_str(),
        algorithm: key.algorithm.clone(),
        forced: is_forced,
        subscriptions: lost,
    };
    action.audit(&event, about(workspace)).await?;
    action.commit().await?;
    Ok((key, lost))
}

/// Checks whether a key may be retired.
fn check(key: &Key, keys: &[Key], now: Timestamp, is_forced: bool) -> Result<(), Conflict> {
    let kind = |other: &&Key| other.purpose == key.purpose && other.algorithm == key.algorithm;
    if keys.iter().filter(kind).count() < 2 {
        return Err(Conflict::KeyIsTheLast);
    }
    match key.state {
        _ if is_forced => Ok(()),
        State::Active => Err(Conflict::KeyIsActive),
        State::Replaced(until) if until > now => Err(Conflict::KeyNeeded { until }),
        State::Subscribed(devices) if devices > 0 => Err(Conflict::KeyHasSubscriptions { devices }),
        State::Next(_) | State::Replaced(_) | State::Subscribed(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);

    #[test]
    fn a_key_is_retired_when_nothing_needs_it_or_by_force_but_never_the_last() {
        let key = |kid: &str, state| Key {
            kid: kid.to_owned(),
            purpose: Purpose::IdToken,
            algorithm: "ES256".to_owned(),
            created_at: NOW,
            state,
        };
        let later = NOW.plus_seconds(1);
        for (state, refusal) in [
            (State::Active, Some(Conflict::KeyIsActive)),
            (State::Replaced(later), Some(Conflict::KeyNeeded { until: later })),
            (State::Replaced(NOW), None),
            (State::Next(later), None),
            (State::Subscribed(3), Some(Conflict::KeyHasSubscriptions { devices: 3 })),
            (State::Subscribed(0), None),
        ] {
            let keys = [key("a", state), key("b", State::Active)];
            assert_eq!(check(&keys[0], &keys, NOW, false).err(), refusal, "{state:?}");
            assert_eq!(check(&keys[0], &keys, NOW, true), Ok(()), "{state:?}");
            assert_eq!(check(&keys[0], &keys[..1], NOW, true), Err(Conflict::KeyIsTheLast), "{state:?}");
        }
    }
}
