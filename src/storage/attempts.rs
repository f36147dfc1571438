//! Counts consecutive failures per key; concurrent failures are all counted.

use super::{Executor, Fault, Transaction, insert::insert_if_absent};
use crate::{
    clock::Timestamp,
    factors::Receipt,
    limits::lockout::{BackoffPolicy, FailureCount},
};
use ::entity::{
    attempt_counter::{Column, Entity, Model},
    ids::PersonId,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// Finds the failures under this key; `None` when there are none since the last reset.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, key: &str) -> Result<Option<FailureCount>, Fault> {
    Ok(Entity::find_by_id(key).one(db.connection()).await?.and_then(from_row))
}

/// As [`find`], with the row locked until the transaction ends, so that concurrent counts wait for each
/// other.
///
/// # Errors
/// When the database does not answer.
pub async fn find_locked(tx: &Transaction, key: &str) -> Result<Option<FailureCount>, Fault> {
    lock(tx, key).await
}

/// Counts one more failure by `rule` and returns the resulting record. Commit it whether or not the request
/// succeeds.
///
/// # Errors
/// When the database does not answer.
pub async fn fail(
    tx: &Transaction,
    key: &str,
    rule: &BackoffPolicy,
    now: Timestamp,
) -> Result<FailureCount, Fault> {
    let after = rule.after_failure(lock(tx, key).await?, now);
    save(tx, key, Some(after)).await?;
    Ok(after)
}

/// Uses up an attempt that succeeded: resets the failures as `rule` says and returns the receipt; `None` when
/// concurrent failures blocked the key before.
///
/// # Errors
/// When the database does not answer.
pub async fn succeed(
    tx: &Transaction,
    key: &str,
    rule: &BackoffPolicy,
    now: Timestamp,
) -> Result<Option<Receipt>, Fault> {
    let before = lock(tx, key).await?;
    if before.is_some_and(|record| record.check(now).is_err()) {
        return Ok(None);
    }
    save(tx, key, rule.after_success(before)).await?;
    Ok(Some(Receipt::from_storage()))
}

/// Opens a window of `seconds` under this key; `true` for the one caller that opens it, on all nodes together.
///
/// # Errors
/// When the database does not answer.
pub async fn open_window(tx: &Transaction, key: &str, seconds: i64, now: Timestamp) -> Result<bool, Fault> {
    let row = Model { key: key.to_owned(), failures: 1, first_at: now, last_at: now, blocked_until: None };
    if insert_if_absent(tx, row).await? {
        return Ok(true);
    }
    let opened = Entity::update_many()
        .col_expr(Column::FirstAt, Expr::value(now))
        .col_expr(Column::LastAt, Expr::value(now))
        .filter(Column::Key.eq(key).and(Column::LastAt.lte(now.plus_seconds(-seconds))))
        .exec(tx.connection())
        .await?;
    Ok(opened.rows_affected == 1)
}

/// Blocks the key until then, whatever was counted under it.
///
/// # Errors
/// When the database does not answer.
pub async fn block(tx: &Transaction, key: &str, until: Timestamp, now: Timestamp) -> Result<(), Fault> {
    lock(tx, key).await?;
    let block = FailureCount { failures: 1, first_at: now, last_at: now, blocked_until: Some(until) };
    save(tx, key, Some(block)).await
}

/// Lists the failures that are counted for a person, each with its key. The id of the person is a part of the key; no
/// index finds it, and the retention keeps the table short.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_person(
    db: &impl Executor,
    person: PersonId,
) -> Result<Vec<(String, FailureCount)>, Fault> {
    let id = person.to_string();
    let rows = Entity::find().filter(Column::Key.contains(&id)).all(db.connection()).await?;
    // `_` in the id stands for any character in the database.
    let own = rows.into_iter().filter(|row| row.key.split(':').any(|part| part == id));
    Ok(own.filter_map(|row| Some((row.key.clone(), from_row(row)?))).collect())
}

/// The rows of a person by when a transaction locks them, so that of two transactions neither waits for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Those that come before the row of the person.
    BeforePerson,
    /// Those that come after it.
    AfterPerson,
}

/// The beginning of the keys under which a reported source is blocked.
pub const REPORTED: &str = "reported:";

/// Deletes the failures that are counted for a person, of one turn, and returns their keys. Those of one source come
/// before those of all, and among themselves in the order of their keys, as in an attempt.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_of_person(tx: &Transaction, person: PersonId, turn: Turn) -> Result<Vec<String>, Fault> {
    let keys = list_of_person(tx, person).await?.into_iter().map(|(key, _)| key);
    let mut keys: Vec<String> = keys.filter(|key| turn_of(key) == turn).collect();
    keys.sort_by_key(|key| (std::cmp::Reverse(key.matches(':').count()), key.clone()));
    for key in &keys {
        Entity::delete_by_id(key).exec(tx.connection()).await?;
    }
    Ok(keys)
}

/// A count of wrong answers is locked before the person's row, because an attempt for a name that does not exist takes
/// the same rows. A block of a reported source comes after it, because the report holds the person's row already.
fn turn_of(key: &str) -> Turn {
    if key.starts_with(REPORTED) { Turn::AfterPerson } else { Turn::BeforePerson }
}

/// Locks the record of this key until the transaction ends; inserts an empty row when there is none, so that
/// there is one to lock.
async fn lock(tx: &Transaction, key: &str) -> Result<Option<FailureCount>, Fault> {
    let none = Timestamp::default();
    let row = Model { key: key.to_owned(), failures: 0, first_at: none, last_at: none, blocked_until: None };
    insert_if_absent(tx, row).await?;
    Ok(tx.lock(Entity::find_by_id(key)).one(tx.connection()).await?.and_then(from_row))
}

async fn save(tx: &Transaction, key: &str, record: Option<FailureCount>) -> Result<(), Fault> {
    let Some(record) = record else {
        Entity::delete_by_id(key).exec(tx.connection()).await?;
        return Ok(());
    };
    Entity::update_many()
        .col_expr(Column::Failures, Expr::value(i32::try_from(record.failures).unwrap_or(i32::MAX)))
        .col_expr(Column::FirstAt, Expr::value(record.first_at))
        .col_expr(Column::LastAt, Expr::value(record.last_at))
        .col_expr(Column::BlockedUntil, Expr::value(record.blocked_until))
        .filter(Column::Key.eq(key))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn from_row(row: Model) -> Option<FailureCount> {
    (row.failures > 0).then_some(FailureCount {
        failures: u32::try_from(row.failures).unwrap_or_default(),
        first_at: row.first_at,
        last_at: row.last_at,
        blocked_until: row.blocked_until,
    })
}
