//! Changes what is known of a device: its name, its key, its credential, its last request.

use crate::{
    clock::Timestamp,
    storage::{Executor, Fault, Transaction},
};
use ::entity::{
    answer_counter,
    authenticator::{Column, Entity},
    ids::AuthenticatorId,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// Records that a device sent a request.
///
/// # Errors
/// When the database does not answer.
pub async fn touch(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Renames a device.
///
/// # Errors
/// When the database does not answer.
pub async fn rename(tx: &Transaction, id: AuthenticatorId, name: &str) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Replaces a device's key if its thumbprint still is `thumbprint`, and deletes the counters of the old key.
/// `false` when the key has changed.
///
/// # Errors
/// When the new key is enrolled already or the database does not answer.
pub async fn replace_key(
    tx: &Transaction,
    id: AuthenticatorId,
    thumbprint: &str,
    (new_thumbprint, new_jwk): (&str, serde_json::Value),
    now: Timestamp,
) -> Result<bool, Fault> {
    let replaced = Entity::update_many()
        .col_expr(Column::Thumbprint, Expr::value(new_thumbprint))
        .col_expr(Column::Jwk, Expr::value(new_jwk))
        .col_expr(Column::KeyReplacedAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::Thumbprint.eq(thumbprint)))
        .exec(tx.connection())
        .await?;
    if replaced.rows_affected == 1 {
        answer_counter::Entity::delete_many()
            .filter(answer_counter::Column::AuthenticatorId.eq(id))
            .exec(tx.connection())
            .await?;
    }
    Ok(replaced.rows_affected == 1)
}

/// Records whether the browser promised to keep the device's storage.
///
/// # Errors
/// When the database does not answer.
pub async fn save_persisted(tx: &Transaction, id: AuthenticatorId, is_persisted: bool) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::Persisted, Expr::value(is_persisted))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Adds the credential by which a device verifies its user; `false` when the device has one already.
///
/// # Errors
/// When the database does not answer.
pub async fn add_uv_credential(
    tx: &Transaction,
    id: AuthenticatorId,
    credential: serde_json::Value,
) -> Result<bool, Fault> {
    let added = Entity::update_many()
        .col_expr(Column::UvCredential, Expr::value(credential))
        .filter(Column::Id.eq(id).and(Column::UvCredential.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(added.rows_affected == 1)
}

/// Replaces the stored user-verification credential by its state after the last use.
///
/// # Errors
/// When the database does not answer.
pub async fn save_uv_credential(
    tx: &Transaction,
    id: AuthenticatorId,
    credential: Option<serde_json::Value>,
) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::UvCredential, Expr::value(credential))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}
