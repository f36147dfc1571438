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
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

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

/// Deletes the failures that are counted for a person, and returns their keys. Those of one source come before those of
/// all, as in an attempt.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_of_person(tx: &Transaction, person: PersonId) -> Result<Vec<String>, Fault> {
    let mut keys: Vec<String> = list_of_person(tx, person).await?.into_iter().map(|(key, _)| key).collect();
    keys.sort_by_key(|key| (std::cmp::Reverse(key.matches(':').count()), key.clone()));
    for key in &keys {
        Entity::delete_by_id(key).exec(tx.connection()).await?;
    }
    Ok(keys)
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
