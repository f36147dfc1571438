//! Refresh tokens: each is redeemed once, and its response can be repeated for a few seconds.

use super::{Executor, Fault, Transaction, insert::insert, liveness, people};
use crate::{clock::Timestamp, directory::Person};
use ::entity::{
    grant,
    ids::WorkspaceId,
    refresh_token::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, sea_query::Expr};

pub use ::entity::refresh_token::Model as RefreshTokenRow;

/// A refresh token with its grant and person.
#[derive(Clone, Debug)]
pub struct PresentedRefreshToken {
    /// The token's own row.
    pub token: RefreshTokenRow,
    /// The grant, perhaps revoked.
    pub grant: grant::Model,
    /// The person, perhaps disabled.
    pub person: Person,
}

impl PresentedRefreshToken {
    /// Whether it can be redeemed as long as its grant is live ([`liveness`]).
    pub fn is_unused(&self, now: Timestamp) -> bool {
        let token = &self.token;
        token.redeemed_at.is_none() && now < token.idle_until && now < token.absolute_until
    }
}

/// Finds the workspace's refresh token with this hash, whatever its state, so that work can be prepared before
/// [`redeem`].
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    workspace: WorkspaceId,
    hash: &[u8],
) -> Result<Option<PresentedRefreshToken>, Fault> {
    let to_grant = Entity::belongs_to(grant::Entity).from(Column::GrantId).to(grant::Column::Id).into();
    let found = Entity::find_by_id(hash).join(JoinType::InnerJoin, to_grant).select_also(grant::Entity);
    let found = found.filter(grant::Column::WorkspaceId.eq(workspace));
    let Some((token, Some(grant))) = found.one(db.connection()).await? else { return Ok(None) };
    let person = people::get(db, grant.person_id).await?;
    Ok(Some(PresentedRefreshToken { token, grant, person }))
}

/// Adds a refresh token.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_refresh_token(tx: &Transaction, token: Model) -> Result<(), Fault> {
    insert(tx, token).await
}

/// Redeems a refresh token of a live grant and stores its sealed response until `answer_until`; `true` for at
/// most one caller.
///
/// # Errors
/// When the database does not answer.
pub async fn redeem(
    tx: &Transaction,
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
        .filter(liveness::is_of_live_grant((Entity, Column::GrantId), now))
        .exec(tx.connection())
        .await?;
    Ok(redeemed.rows_affected == 1)
}
