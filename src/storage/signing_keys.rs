//! Signing keys, with their private keys sealed.

use super::{Executor, Fault, Topic, Transaction, insert::insert};
use ::entity::{
    ids::WorkspaceId,
    signing_key::{Column, Entity, KeyPurpose, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

pub use ::entity::signing_key::Model as SigningKeyRow;

/// Lists the workspace's keys of this purpose, newest first, including those that only verify.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl Executor,
    workspace: WorkspaceId,
    purpose: KeyPurpose,
) -> Result<Vec<SigningKeyRow>, Fault> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::Purpose.eq(purpose)))
        .order_by_desc(Column::CreatedAt)
        .order_by_asc(Column::Kid)
        .all(db.connection())
        .await?)
}

/// Adds a key.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_key(tx: &Transaction, key: Model) -> Result<(), Fault> {
    tx.announce(Topic::Directory(key.workspace_id));
    insert(tx, key).await
}

/// Finds the workspace's key with this id.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    workspace: WorkspaceId,
    kid: &str,
) -> Result<Option<SigningKeyRow>, Fault> {
    let own = Entity::find_by_id(kid).filter(Column::WorkspaceId.eq(workspace));
    Ok(own.one(db.connection()).await?)
}

/// Deletes a key with its private part, so that no node publishes it any more; `false` when another caller was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(tx: &Transaction, workspace: WorkspaceId, kid: &str) -> Result<bool, Fault> {
    tx.announce(Topic::Directory(workspace));
    let deleted = Entity::delete_by_id(kid).filter(Column::WorkspaceId.eq(workspace));
    Ok(deleted.exec(tx.connection()).await?.rows_affected == 1)
}
