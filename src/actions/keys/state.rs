//! What a key does at a time, derived from the keys beside it.

use crate::{
    app::signs_from, clock::Timestamp, limits::lifetimes::KEY_NEEDED_AFTER_USE_SECONDS,
    storage::signing_keys::SigningKeyRow,
};

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

/// Whether new subscriptions get this key: the first in the order of the list that is in use.
pub(super) fn is_newest(row: &SigningKeyRow, rows: &[SigningKeyRow]) -> bool {
    let in_use = rows.iter().find(|other| other.retired_at.is_none());
    in_use.or_else(|| rows.first()).is_some_and(|newest| newest.kid == row.kid)
}

/// Returns what a signing key does: of the keys of its algorithm whose time has come, the newest one signs.
pub(super) fn signing_state(row: &SigningKeyRow, rows: &[SigningKeyRow], now: Timestamp) -> State {
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
    use ::entity::{ids::WorkspaceId, signing_key::KeyPurpose};
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
}
