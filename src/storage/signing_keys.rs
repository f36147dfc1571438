//! Signing keys, with their private keys sealed.

use super::{Executor, Fault, Topic, Transaction, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    ids::WorkspaceId,
    signing_key::{Column, Entity, KeyPurpose, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, sea_query::Expr};

pub use ::entity::signing_key::Model as SigningKeyRow;

/// Lists the workspace's keys of this purpose, newest first, including retired ones.
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

/// Retires a key: it signs no more, and stays published so that existing signatures can be verified.
///
/// # Errors
/// When the database does not answer.
pub async fn retire(tx: &Transaction, kid: &str, now: Timestamp) -> Result<(), Fault> {
    let retired = Entity::update_many()
        .col_expr(Column::RetiredAt, Expr::value(now))
        .filter(Column::Kid.eq(kid).and(Column::RetiredAt.is_null()))
        .exec_with_returning(tx.connection())
        .await?;
    for key in retired {
        tx.announce(Topic::Directory(key.workspace_id));
    }
    Ok(())
}
