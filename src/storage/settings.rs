//! Settings: values that the server stores for itself.

use super::{Executor, Fault, Storage, Transaction, insert::insert_if_absent};
use crate::clock::Timestamp;
use ::entity::setting::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, sea_query::OnConflict,
};
use serde_json::Value;

/// The name of the row that the readiness probe writes.
const READINESS: &str = "readiness";

/// Finds the value with this name.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, name: &str) -> Result<Option<Value>, Fault> {
    Ok(Entity::find_by_id(name).one(db.connection()).await?.map(|row| row.value))
}

/// Stores a value under a new name; `false` when the name has a value already, which stays.
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

/// Finds the value with this name and locks it until the transaction ends: other writers wait.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(tx: &Transaction, name: &str) -> Result<Option<Value>, Fault> {
    Ok(tx.lock(Entity::find_by_id(name)).one(tx.connection()).await?.map(|row| row.value))
}

/// Deletes the value and returns it; at most one caller gets it.
///
/// # Errors
/// When the database does not answer.
pub async fn take(tx: &Transaction, name: &str) -> Result<Option<Value>, Fault> {
    let taken = Entity::delete_by_id(name).exec_with_returning(tx.connection()).await?;
    Ok(taken.map(|row| row.value))
}

/// Writes one row and commits it, to prove that the database takes writes. The row holds the time
/// (milliseconds) and the number of writes.
///
/// # Errors
/// When the database did not confirm the commit.
pub async fn prove_write(storage: &Storage, now: Timestamp) -> Result<(), Fault> {
    let tx = storage.begin().await?;
    let db = tx.connection();
    if db.get_database_backend() == DbBackend::Postgres {
        // A node that freezes at this point must not hold the row against the probes of the others.
        db.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = '5s'").await?;
    }
    let last = hold(&tx, READINESS).await?;
    let writes = last.and_then(|value| value.get("writes")?.as_i64()).unwrap_or(0).saturating_add(1);
    let value = serde_json::json!({ "proved_at": now.0, "writes": writes });
    let row = Model { name: READINESS.into(), value, updated_at: now };
    let renewed =
        OnConflict::column(Column::Name).update_columns([Column::Value, Column::UpdatedAt]).to_owned();
    let row = row.into_active_model().reset_all();
    Entity::insert(row).on_conflict(renewed).exec_without_returning(db).await?;
    tx.commit().await
}
