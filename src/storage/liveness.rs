//! What makes a session and a grant live, as conditions of statements: both are joins, so that nothing has to
//! be revoked in time.
//!
//! Never changes a row. Spec: none. Called by: `sessions`, and everything that uses a grant.

use super::{Executor, Fault};
use crate::{clock::Timestamp, limits::lifetimes::SESSION_IDLE_SECONDS};
use ::entity::{browser_session, client, client_pool, grant, ids::GrantId, person};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, IntoColumnRef},
};

/// The condition of a session that has neither ended, nor expired, nor was idle too long.
pub(super) fn is_session_live(now: Timestamp) -> Expr {
    use browser_session::Column;
    let is_used = Column::LastSeenAt.gt(now.plus_seconds(-SESSION_IDLE_SECONDS));
    Column::EndedAt.is_null().and(Column::ExpiresAt.gt(now)).and(is_used)
}

/// The condition of a live grant: it is not revoked; its person and its client are not disabled, and the client
/// has the person's pool; and it has `offline_access`, or its session lives.
fn is_grant_live(now: Timestamp) -> Expr {
    let session = browser_session::Entity::find()
        .select_only()
        .column(browser_session::Column::Id)
        .filter(
            Expr::col((browser_session::Entity, browser_session::Column::Id))
                .equals((grant::Entity, grant::Column::SessionId)),
        )
        .filter(is_session_live(now));
    let to_pool = person::Entity::belongs_to(client_pool::Entity)
        .from(person::Column::PoolId)
        .to(client_pool::Column::PoolId)
        .into();
    let to_client = client_pool::Entity::belongs_to(client::Entity)
        .from(client_pool::Column::ClientKey)
        .to(client::Column::Id)
        .into();
    let person = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .join(JoinType::InnerJoin, to_pool)
        .join(JoinType::InnerJoin, to_client)
        .filter(
            Expr::col((person::Entity, person::Column::Id)).equals((grant::Entity, grant::Column::PersonId)),
        )
        .filter(
            Expr::col((client::Entity, client::Column::Id)).equals((grant::Entity, grant::Column::ClientKey)),
        )
        .filter(person::Column::DisabledAt.is_null().and(client::Column::DisabledAt.is_null()));
    let outlives = grant::Column::EndsWithSession.eq(false);
    grant::Column::RevokedAt
        .is_null()
        .and(outlives.or(Expr::exists(session.into_query())))
        .and(Expr::exists(person.into_query()))
}

/// The condition that the grant whose id is in `column` is live: for the guard of a statement.
pub(super) fn is_of_live_grant(column: impl IntoColumnRef, now: Timestamp) -> Expr {
    let own = Expr::col((grant::Entity, grant::Column::Id)).eq(Expr::col(column));
    let live =
        grant::Entity::find().select_only().column(grant::Column::Id).filter(own.and(is_grant_live(now)));
    Expr::exists(live.into_query())
}

/// Returns whether the grant with this id is live.
///
/// # Errors
/// When the database does not answer.
pub async fn is_live(db: &impl Executor, id: GrantId, now: Timestamp) -> Result<bool, Fault> {
    let live = grant::Entity::find_by_id(id).filter(is_grant_live(now)).one(db.connection()).await?;
    Ok(live.is_some())
}
