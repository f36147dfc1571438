//! Values that the installation itself keeps.

use super::{Executor, Fault, Transaction, insert::insert_if_absent};
use crate::clock::Timestamp;
use ::entity::setting::{Entity, Model};
use sea_orm::EntityTrait;
use serde_json::Value;

/// The value of this name.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, name: &str) -> Result<Option<Value>, Fault> {
    Ok(Entity::find_by_id(name).one(db.connection()).await?.map(|row| row.value))
}

/// Keeps a value under a name that has none yet; `false` when it has one, which stays.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_setting(
    tx: &Transaction,
    name: &str,
    value: Value,
    now: Timestamp,
) -> Result<bool, Fault> {
    insert_if_absent(tx, Model { name: name.into(), value, updated_at: now }).await
}

/// The value of this name, held: whoever else wants to change it waits for the end of this unit.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(tx: &Transaction, name: &str) -> Result<Option<Value>, Fault> {
    Ok(tx.lock(Entity::find_by_id(name)).one(tx.connection()).await?.map(|row| row.value))
}

/// Takes the value away: one caller gets it, the others get nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn take(tx: &Transaction, name: &str) -> Result<Option<Value>, Fault> {
    let taken = Entity::delete_by_id(name).exec_with_returning(tx.connection()).await?;
    Ok(taken.map(|row| row.value))
}
