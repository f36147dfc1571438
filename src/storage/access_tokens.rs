//! Inserts and revokes access tokens; `live_access_tokens` checks them at each use.

use super::{Executor, Fault, Storage, Transaction, grants::Grant, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    access_token::{Column, Entity, Model},
    grant,
    ids::WorkspaceId,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

pub use super::live_access_tokens::LiveAccessToken;
pub use ::entity::access_token::Model as AccessTokenRow;

/// Adds an access token.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_access_token(tx: &Transaction, token: Model) -> Result<(), Fault> {
    insert(tx, token).await
}

/// Finds the workspace's live access token with this hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_live(
    storage: &Storage,
    workspace: WorkspaceId,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<LiveAccessToken>, Fault> {
    let found = storage.live_access_tokens.find(hash, now).await?;
    Ok(found.filter(|token| token.workspace_id == workspace))
}

/// Finds the workspace's grant of the access token with this hash, whatever the state of either.
///
/// # Errors
/// When the database does not answer.
pub async fn find_grant(
    db: &impl Executor,
    workspace: WorkspaceId,
    hash: &[u8],
) -> Result<Option<Grant>, Fault> {
    let Some(token) = Entity::find_by_id(hash).one(db.connection()).await? else { return Ok(None) };
    let own = grant::Entity::find_by_id(token.grant_id).filter(grant::Column::WorkspaceId.eq(workspace));
    Ok(own.one(db.connection()).await?)
}

/// Revokes the access token of this hash and no other (RFC 7009 §2.1).
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &Transaction, hash: &[u8], now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Hash.eq(hash).and(Column::RevokedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(())
}
