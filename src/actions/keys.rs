//! The keys of a workspace: listed, rotated and retired, on every node without a restart.
//!
//! A new signing key is published first and signs later, so that every cached key set has it (OpenID Connect Core
//! §10.1.1). The one before stays published while its ID tokens are hints of living sessions. A subscription for push
//! messages works only with the key of its creation, so an old key stays until the phones have moved to the new one.

use super::{Action, ActionError, Conflict, Right};
use crate::{
    app::{App, RequestContext, hold_keys, signs_from},
    audit::{AuditEvent, about},
    clock::Timestamp,
    directory::SigningAlgorithm,
    fault::Fault,
    limits::lifetimes::{KEY_NEEDED_AFTER_USE_SECONDS, KEY_PUBLISHED_BEFORE_USE_SECONDS},
    storage::{
        Executor,
        signing_keys::{self, SigningKeyRow},
        transports,
    },
};
use ::entity::{ids::WorkspaceId, signing_key::KeyPurpose};

/// The use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// ID tokens.
    IdToken,
    /// Push messages (VAPID, RFC 8292).
    Push,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 2] = [Self::IdToken, Self::Push];

    /// Returns the word for operators and the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdToken => "id-token",
            Self::Push => "push",
        }
    }

    const fn stored(self) -> KeyPurpose {
        match self {
            Self::IdToken => KeyPurpose::IdToken,
            Self::Push => KeyPurpose::Vapid,
        }
    }

    /// The algorithms of its keys.
    fn algorithms(self) -> Vec<SigningAlgorithm> {
        match self {
            Self::IdToken => SigningAlgorithm::ALL.to_vec(),
            Self::Push => vec![SigningAlgorithm::ES256],
        }
    }
}

/// What a key does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is published, and will sign from this time on.
    Next(Timestamp),
    /// It signs; new subscriptions get it.
    Active,
    /// A newer key has taken its place. ID tokens that it has signed may be hints of sessions until this time.
    Replaced(Timestamp),
    /// A newer key has taken its place. So many subscriptions need it.
    Subscribed(u64),
}

impl State {
    /// Returns the word for operators.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next(_) => "next",
            Self::Active => "active",
            Self::Replaced(_) | Self::Subscribed(_) => "published",
        }
    }
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// Its use.
    pub purpose: Purpose,
    /// Its algorithm.
    pub algorithm: String,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// What it does.
    pub state: State,
}

/// Lists the keys of the tenant's workspace, those of each purpose newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(app: &App, context: &RequestContext) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for purpose in Purpose::ALL {
        keys.extend(list_of(&app.storage, context.tenant.workspace.id, purpose, context.now).await?);
    }
    Ok(keys)
}

/// Creates a key of each of these algorithms, or of all that the purpose has, and returns them. A signing key is
/// published at once and signs when every cached key set has expired; a key for push messages is used at once.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the host; [`Conflict::AlgorithmOfOtherPurpose`]; a fault when the
/// database does not answer.
pub async fn rotate(
    app: &App,
    context: &RequestContext,
    purpose: Purpose,
    algorithm: Option<SigningAlgorithm>,
) -> Result<Vec<Key>, ActionError> {
    let known = purpose.algorithms();
    if algorithm.is_some_and(|algorithm| !known.contains(&algorithm)) {
        return Err(ActionError::Conflict(Conflict::AlgorithmOfOtherPurpose));
    }
    Right::Host.check(context.actor)?;
    let (workspace, now) = (context.tenant.workspace.id, context.now);
    let signs_from = match purpose {
        Purpose::IdToken => now.plus_seconds(KEY_PUBLISHED_BEFORE_USE_SECONDS),
        Purpose::Push => now,
    };
    let wanted = known.into_iter().filter(|known| algorithm.is_none_or(|algorithm| algorithm == *known));
    // Before the transaction, because a key of RSA takes a while.
    let made: Result<Vec<SigningKeyRow>, Fault> = wanted
        .map(|algorithm| app.new_key((workspace, purpose.stored()), algorithm, (now, signs_from)))
        .collect();
    let made = made?;
    let action = Action::begin(app, context, Right::Host).await?;
    hold_keys(&action.tx, now).await?;
    let mut kids = Vec::new();
    for row in made {
        let event = AuditEvent::KeyRotated {
            kid: row.kid.clone(),
            purpose: purpose.as_str(),
            algorithm: row.algorithm.clone(),
            from: signs_from.unix_seconds(),
        };
        kids.push(row.kid.clone());
        signing_keys::insert_key(&action.tx, row).await?;
        action.audit(&event, about(workspace)).await?;
    }
    let keys = list_of(&action.tx, workspace, purpose, now).await?;
    action.commit().await?;
    Ok(keys.into_iter().filter(|key| kids.contains(&key.kid)).collect())
}

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

async fn list_of(
    db: &impl Executor,
    workspace: WorkspaceId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Vec<Key>, Fault> {
    let rows = signing_keys::list(db, workspace, purpose.stored()).await?;
    let mut keys = Vec::new();
    for row in &rows {
        let state = match purpose {
            Purpose::IdToken => signing_state(row, &rows, now),
            Purpose::Push if is_newest(row, &rows) => State::Active,
            Purpose::Push => State::Subscribed(transports::count_of_key(db, &row.kid).await?),
        };
        let (kid, algorithm) = (row.kid.clone(), row.algorithm.clone());
        keys.push(Key { kid, purpose, algorithm, created_at: row.created_at, state });
    }
    Ok(keys)
}

/// Whether new subscriptions get this key: the first in the order of the list that is in use.
fn is_newest(row: &SigningKeyRow, rows: &[SigningKeyRow]) -> bool {
    let in_use = rows.iter().find(|other| other.retired_at.is_none());
    in_use.or_else(|| rows.first()).is_some_and(|newest| newest.kid == row.kid)
}

/// Returns what a signing key does: of the keys of its algorithm whose time has come, the newest one signs.
fn signing_state(row: &SigningKeyRow, rows: &[SigningKeyRow], now: Timestamp) -> State {
    let Some(own) = signs_from(row) else {
        return State::Replaced(replaced_until(row.retired_at.unwrap_or(now)));
    };
    let order = |row: &SigningKeyRow| signs_from(row).map(|at| (at, row.kid.clone()));
    let others = || rows.iter().filter(|other| other.algorithm == row.algorithm && other.kid != row.kid);
    // The one that takes its place first.
    let next = others().filter(|other| order(other) > order(row)).filter_map(signs_from).min();
    match next {
        Some(at) if at <= now => State::Replaced(replaced_until(at)),
        _ if own > now && others().any(|other| signs_from(other).is_some_and(|at| at <= now)) => {
            State::Next(own)
        }
        // Without an older key the earliest one signs before its time.
        _ if own > now && others().any(|other| signs_from(other).is_some() && order(other) < order(row)) => {
            State::Next(own)
        }
        _ => State::Active,
    }
}

fn replaced_until(at: Timestamp) -> Timestamp {
    at.plus_seconds(KEY_NEEDED_AFTER_USE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);

    fn row(kid: &str, algorithm: &str, signs_from: i64) -> SigningKeyRow {
        let signs_from = NOW.plus_seconds(signs_from);
        SigningKeyRow {
            kid: kid.to_owned(),
            workspace_id: WorkspaceId(Uuid::from_u128(1)),
            purpose: KeyPurpose::IdToken,
            algorithm: algorithm.to_owned(),
            private_sealed: Vec::new(),
            public_jwk: serde_json::Value::Null,
            created_at: signs_from,
            retired_at: None,
            signs_from: Some(signs_from),
        }
    }

    fn states(rows: &[SigningKeyRow]) -> Vec<State> {
        rows.iter().map(|row| signing_state(row, rows, NOW)).collect()
    }

    #[test]
    fn the_newest_key_whose_time_has_come_is_active() {
        let rows =
            [row("c", "ES256", 60), row("b", "ES256", 0), row("a", "ES256", -1000), row("r", "RS256", -9)];
        let until = NOW.plus_seconds(KEY_NEEDED_AFTER_USE_SECONDS);
        let next = State::Next(NOW.plus_seconds(60));
        assert_eq!(states(&rows), [next, State::Active, State::Replaced(until), State::Active]);
        let early = [row("b", "ES256", 90), row("a", "ES256", 60)];
        assert_eq!(states(&early), [State::Next(NOW.plus_seconds(90)), State::Active], "none is due");
    }

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
