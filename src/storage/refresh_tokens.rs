//! Refresh tokens: each is redeemed once, and its answer can be repeated for a few seconds.

use super::{Fault, Reads, Unit, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    grant, person,
    refresh_token::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

pub use ::entity::refresh_token::Model as RefreshTokenRow;

/// A refresh token with what it hangs on.
#[derive(Clone, Debug)]
pub struct PresentedRefreshToken {
    /// The token's own row.
    pub token: RefreshTokenRow,
    /// The grant, perhaps revoked.
    pub grant: grant::Model,
    /// The person, perhaps disabled.
    pub person: person::Model,
}

/// The refresh token of this hash, whatever its state. Inside a unit its row is locked until the unit ends, so that
/// of two uses at once the second sees what the first left.
///
/// # Errors
/// When the database does not answer.
pub async fn find_locked(unit: &Unit, hash: &[u8]) -> Result<Option<PresentedRefreshToken>, Fault> {
    let locked = unit.lock(Entity::find_by_id(hash)).one(unit.connection()).await?;
    let Some(token) = locked else { return Ok(None) };
    let grant = grant::Entity::find_by_id(token.grant_id).one(unit.connection()).await?;
    let grant = grant
        .ok_or_else(|| Fault::broken(format!("grant {} of a refresh token is not there", token.grant_id)))?;
    let person = person::Entity::find_by_id(grant.person_id).one(unit.connection()).await?;
    let person =
        person.ok_or_else(|| Fault::broken(format!("person {} of a grant is not there", grant.person_id)))?;
    Ok(Some(PresentedRefreshToken { token, grant, person }))
}

/// Adds a refresh token.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_refresh_token(unit: &Unit, token: Model) -> Result<(), Fault> {
    insert(unit, token).await
}

/// Redeems a refresh token, keeping its answer sealed until `answer_until`: one caller wins, once.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(
    unit: &Unit,
    hash: &[u8],
    answer_sealed: Vec<u8>,
    answer_until: Timestamp,
    now: Timestamp,
) -> Result<bool, Fault> {
    let redeemed = Entity::update_many()
        .col_expr(Column::RedeemedAt, Expr::value(now))
        .col_expr(Column::AnswerSealed, Expr::value(answer_sealed))
        .col_expr(Column::AnswerUntil, Expr::value(answer_until))
        .filter(Column::Hash.eq(hash).and(Column::RedeemedAt.is_null()))
        .exec(unit.connection())
        .await?;
    Ok(redeemed.rows_affected == 1)
}
