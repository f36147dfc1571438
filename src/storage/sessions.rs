//! Browser sessions: browsers that are signed in.

use super::{Executor, Fault, Transaction, grants, insert::insert, liveness::is_session_live, stored};
use crate::{clock::Timestamp, factors::Proof};
use ::entity::{
    browser_session::{Column, Entity, Model},
    ids::{BrowserSessionId, PersonId, WorkspaceId},
    person,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    /// Primary key, and the `sid` claim for clients.
    pub id: BrowserSessionId,
    /// SHA-256 of the cookie.
    pub token_hash: Vec<u8>,
    /// SHA-256 of the cookie that identifies the browser.
    pub browser_hash: Vec<u8>,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The person who is signed in.
    pub person_id: PersonId,
    /// The factors that were proved in this session.
    pub proofs: Vec<Proof>,
    /// When a completed sign-in last proved a first factor (`auth_time`).
    pub auth_time: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The address from which it was begun.
    pub address: String,
    /// The `User-Agent` in which it was begun.
    pub agent: String,
}

/// Finds the workspace's live session of this cookie: neither ended, nor idle too long, nor expired, its person not
/// disabled.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    db: &impl Executor,
    workspace: WorkspaceId,
    token_hash: &[u8],
    now: Timestamp,
) -> Result<Option<BrowserSession>, Fault> {
    let to_person = Entity::belongs_to(person::Entity).from(Column::PersonId).to(person::Column::Id).into();
    let found = Entity::find()
        .join(JoinType::InnerJoin, to_person)
        .filter(Column::TokenHash.eq(token_hash).and(Column::WorkspaceId.eq(workspace)))
        .filter(is_session_live(now))
        .filter(person::Column::DisabledAt.is_null())
        .one(db.connection())
        .await?;
    Ok(found.map(from_row))
}

/// Finds the workspace's session of this cookie that was not ended, even when it is idle too long, expired, or of a
/// disabled person: a sign-out ends it nevertheless.
///
/// # Errors
/// When the database does not answer.
pub async fn find_not_ended(
    db: &impl Executor,
    workspace: WorkspaceId,
    token_hash: &[u8],
) -> Result<Option<BrowserSession>, Fault> {
    let found = Entity::find()
        .filter(Column::TokenHash.eq(token_hash).and(Column::WorkspaceId.eq(workspace)))
        .filter(Column::EndedAt.is_null())
        .one(db.connection())
        .await?;
    Ok(found.map(from_row))
}

/// Lists a person's stored sessions, including ended ones, last used first, at most 50.
///
/// # Errors
/// When the database does not answer.
pub async fn list_latest(db: &impl Executor, person: PersonId) -> Result<Vec<BrowserSession>, Fault> {
    let latest = Entity::find()
        .filter(Column::PersonId.eq(person))
        .order_by_desc(Column::LastSeenAt)
        .limit(50)
        .all(db.connection())
        .await?;
    Ok(latest.into_iter().map(from_row).collect())
}

/// Lists a person's live sessions.
///
/// # Errors
/// When the database does not answer.
pub async fn list_live(
    db: &impl Executor,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<BrowserSession>, Fault> {
    let live = Entity::find().filter(Column::PersonId.eq(person).and(is_session_live(now)));
    Ok(live.all(db.connection()).await?.into_iter().map(from_row).collect())
}

/// Adds a session.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_session(tx: &Transaction, session: &BrowserSession) -> Result<(), Fault> {
    let row = Model {
        id: session.id,
        token_hash: session.token_hash.clone(),
        browser_hash: session.browser_hash.clone(),
        workspace_id: session.workspace_id,
        person_id: session.person_id,
        proofs: stored::write_list(&session.proofs)?,
        auth_time: session.auth_time,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        ended_at: None,
        address: session.address.clone(),
        agent: session.agent.clone(),
    };
    insert(tx, row).await
}

/// Updates a live session after a step-up, with a new cookie and more proofs. `false` when it has ended.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &Transaction, session: &BrowserSession) -> Result<bool, Fault> {
    let saved = Entity::update_many()
        .col_expr(Column::TokenHash, Expr::value(session.token_hash.clone()))
        .col_expr(Column::Proofs, Expr::value(stored::write_list(&session.proofs)?))
        .col_expr(Column::AuthTime, Expr::value(session.auth_time))
        .col_expr(Column::LastSeenAt, Expr::value(session.last_seen_at))
        .col_expr(Column::ExpiresAt, Expr::value(session.expires_at))
        .filter(Column::Id.eq(session.id).and(Column::EndedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Records that a session was used. `false` when it has ended.
///
/// # Errors
/// When the database does not answer.
pub async fn touch(tx: &Transaction, id: BrowserSessionId, now: Timestamp) -> Result<bool, Fault> {
    let saved = Entity::update_many()
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::EndedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(saved.rows_affected == 1)
}

/// Ends a session and revokes the grants that end with it.
///
/// # Errors
/// When the database does not answer.
pub async fn end(tx: &Transaction, id: BrowserSessionId, now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::EndedAt.is_null()))
        .exec(tx.connection())
        .await?;
    grants::revoke_of_session(tx, id, now).await
}

/// Ends every session of a person, for example after a report, a reset or a disabling.
///
/// # Errors
/// When the database does not answer.
pub async fn end_all(tx: &Transaction, person: PersonId, now: Timestamp) -> Result<(), Fault> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::PersonId.eq(person).and(Column::EndedAt.is_null()))
        .exec_with_returning(tx.connection())
        .await?;
    for session in ended {
        grants::revoke_of_session(tx, session.id, now).await?;
    }
    Ok(())
}

fn from_row(row: Model) -> BrowserSession {
    BrowserSession {
        proofs: stored::read_list(&row.id, row.proofs),
        id: row.id,
        token_hash: row.token_hash,
        browser_hash: row.browser_hash,
        workspace_id: row.workspace_id,
        person_id: row.person_id,
        auth_time: row.auth_time,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        address: row.address,
        agent: row.agent,
    }
}
