//! Authorization codes.

use super::{Fault, Reads, Unit, grants, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    authorization_code::{Column, Entity, Model},
    grant,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

pub use ::entity::authorization_code::Model as AuthorizationCodeRow;

/// What came of a redemption.
#[derive(Clone, Debug)]
pub enum Redemption {
    /// This caller, and no other, has the code and what hangs on it.
    Won(Box<(AuthorizationCodeRow, grants::Grant)>),
    /// It was redeemed before: what the first redemption issued is revoked in this unit (RFC 6749 §4.1.2).
    Again,
    /// There is no such code.
    Unknown,
}

/// Adds a code.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_code(unit: &Unit, code: Model) -> Result<(), Fault> {
    insert(unit, code).await
}

/// Redeems a code: whoever comes first has it, whatever the later checks say, and a second redemption ends the grant.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(unit: &Unit, hash: &[u8], now: Timestamp) -> Result<Redemption, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .filter(Column::Hash.eq(hash).and(Column::RedeemedAt.is_null()))
        .exec_with_returning(unit.connection())
        .await?;
    if let Some(code) = redeemed.into_iter().next() {
        let grant = grant::Entity::find_by_id(code.grant_id).one(unit.connection()).await?;
        let grant =
            grant.ok_or_else(|| Fault::broken(format!("grant {} of a code is not there", code.grant_id)))?;
        return Ok(Redemption::Won(Box::new((code, grant))));
    }
    let Some(code) = Entity::find_by_id(hash).one(unit.connection()).await? else {
        return Ok(Redemption::Unknown);
    };
    grants::revoke(unit, code.grant_id, now).await?;
    Ok(Redemption::Again)
}
