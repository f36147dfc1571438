//! Authorization codes: stored as hashes, redeemed at most once (RFC 6749 §4.1.2).

use super::{Executor, Fault, Transaction, grants, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    authorization_code::{Column, Entity, Model},
    grant,
    ids::WorkspaceId,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};

pub use ::entity::authorization_code::Model as AuthorizationCodeRow;

/// The outcome of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The code was redeemed by this call.
    Won,
    /// The code was redeemed before; its grant is revoked in this transaction (RFC 6749 §4.1.2).
    Again,
    /// There is no such code.
    Unknown,
}

/// Adds a code.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_code(tx: &Transaction, code: Model) -> Result<(), Fault> {
    insert(tx, code).await
}

/// Finds the workspace's code with this hash and its grant, whatever their state, so that work can be prepared before
/// [`redeem`].
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    workspace: WorkspaceId,
    hash: &[u8],
) -> Result<Option<(AuthorizationCodeRow, grants::Grant)>, Fault> {
    let to_grant = Entity::belongs_to(grant::Entity).from(Column::GrantId).to(grant::Column::Id).into();
    let found = Entity::find_by_id(hash).join(JoinType::InnerJoin, to_grant).select_also(grant::Entity);
    let found = found.filter(grant::Column::WorkspaceId.eq(workspace));
    let Some((code, Some(grant))) = found.one(db.connection()).await? else { return Ok(None) };
    Ok(Some((code, grant)))
}

/// Uses up a code, also one that another client has sent, without any effect on its grant. `false` when it was used before, or does not
/// exist.
///
/// # Errors
/// When the database does not answer.
pub async fn use_up(tx: &Transaction, hash: &[u8], now: Timestamp) -> Result<bool, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .filter(Column::Hash.eq(hash).and(Column::RedeemedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(redeemed.rows_affected == 1)
}

/// Redeems a code: the first call succeeds, whatever later checks say; a second call revokes the grant.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(tx: &Transaction, hash: &[u8], now: Timestamp) -> Result<Redemption, Fault> {
    if use_up(tx, hash, now).await? {
        return Ok(Redemption::Won);
    }
    let Some(code) = Entity::find_by_id(hash).one(tx.connection()).await? else {
        return Ok(Redemption::Unknown);
    };
    grants::revoke(tx, code.grant_id, now).await?;
    Ok(Redemption::Again)
}
