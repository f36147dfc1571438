//! Authorization codes.

use super::{Executor, Fault, Transaction, grants, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    authorization_code::{Column, Entity, Model},
    grant,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};

pub use ::entity::authorization_code::Model as AuthorizationCodeRow;

/// What came of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// This caller, and no other, has the code.
    Won,
    /// It was redeemed before: what the first redemption issued is revoked in this unit (RFC 6749 §4.1.2).
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

/// The code of this hash with its grant, whatever their state: for what is made ready before it is redeemed.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    hash: &[u8],
) -> Result<Option<(AuthorizationCodeRow, grants::Grant)>, Fault> {
    let hangs_on = Entity::belongs_to(grant::Entity).from(Column::GrantId).to(grant::Column::Id).into();
    let found = Entity::find_by_id(hash).join(JoinType::InnerJoin, hangs_on).select_also(grant::Entity);
    let Some((code, Some(grant))) = found.one(db.connection()).await? else { return Ok(None) };
    Ok(Some((code, grant)))
}

/// Redeems a code: whoever comes first has it, whatever the later checks say, and a second redemption ends the grant.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(tx: &Transaction, hash: &[u8], now: Timestamp) -> Result<Redemption, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .filter(Column::Hash.eq(hash).and(Column::RedeemedAt.is_null()))
        .exec(tx.connection())
        .await?;
    if redeemed.rows_affected == 1 {
        return Ok(Redemption::Won);
    }
    let Some(code) = Entity::find_by_id(hash).one(tx.connection()).await? else {
        return Ok(Redemption::Unknown);
    };
    grants::revoke(tx, code.grant_id, now).await?;
    Ok(Redemption::Again)
}
