//! Journeys: sign-ins in progress, each bound to the browser that began it.

use super::{Executor, Fault, Transaction, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    ids::{JourneyId, PersonId, WorkspaceId},
    journey::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Serialize, de::DeserializeOwned};

/// A sign-in in progress; `S` is the state that the interface keeps.
#[derive(Clone, Debug)]
pub struct StoredJourney<S> {
    /// Primary key, and the `j` parameter of its pages.
    pub id: JourneyId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The person, once a known user name was entered.
    pub person_id: Option<PersonId>,
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_hash: Vec<u8>,
    /// Incremented by each save; a save of an older version is refused.
    pub version: i64,
    /// The state of the sign-in.
    pub state: S,
    /// The network address from which it was begun.
    pub source: String,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// The result of a lookup.
#[derive(Clone, Debug)]
pub enum Found<S> {
    /// In progress, and begun by this browser.
    Open(Box<StoredJourney<S>>),
    /// Over: its response has gone to the client, or it was stopped.
    Closed(Box<StoredJourney<S>>),
    /// Begun by this browser, and expired.
    Expired(Box<StoredJourney<S>>),
    /// No journey with this id was begun by this browser.
    Unknown,
}

/// Finds the journey with this id if the browser with this cookie began it.
///
/// # Errors
/// When the database does not answer.
pub async fn find<S: DeserializeOwned>(
    db: &impl Executor,
    id: JourneyId,
    browser_hash: &[u8],
    now: Timestamp,
) -> Result<Found<S>, Fault> {
    let row =
        Entity::find_by_id(id).filter(Column::BrowserHash.eq(browser_hash)).one(db.connection()).await?;
    Ok(match row {
        None => Found::Unknown,
        Some(row) if row.closed_at.is_some() => Found::Closed(Box::new(from_row(row)?)),
        Some(row) if row.expires_at <= now => Found::Expired(Box::new(from_row(row)?)),
        Some(row) => Found::Open(Box::new(from_row(row)?)),
    })
}

/// Adds a journey, and deletes the oldest ones of the same source beyond `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_journey<S: Serialize>(
    tx: &Transaction,
    journey: &StoredJourney<S>,
    now: Timestamp,
    limit: u64,
) -> Result<(), Fault> {
    let row = Model {
        id: journey.id,
        workspace_id: journey.workspace_id,
        person_id: journey.person_id,
        browser_hash: journey.browser_hash.clone(),
        version: journey.version,
        state: super::json::to_column("journey.state", &journey.state)?,
        source: journey.source.clone(),
        created_at: now,
        expires_at: journey.expires_at,
        closed_at: None,
    };
    insert(tx, row).await?;
    let surplus: Vec<JourneyId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Source.eq(&journey.source))
        .order_by_desc(Column::Id)
        .offset(limit)
        .limit(100)
        .into_tuple()
        .all(tx.connection())
        .await?;
    if !surplus.is_empty() {
        Entity::delete_many().filter(Column::Id.is_in(surplus)).exec(tx.connection()).await?;
    }
    Ok(())
}

/// Saves an open journey and increments its version. `false` when another request saved or closed it first:
/// load it again and show its current step.
///
/// # Errors
/// When the database does not answer.
pub async fn save<S: Serialize>(tx: &Transaction, journey: &mut StoredJourney<S>) -> Result<bool, Fault> {
    let saved = Entity::update_many()
        .col_expr(Column::State, Expr::value(super::json::to_column("journey.state", &journey.state)?))
        .col_expr(Column::PersonId, Expr::value(journey.person_id))
        .col_expr(Column::Version, Expr::value(journey.version + 1))
        .filter(is_open_and_unmoved(journey))
        .exec(tx.connection())
        .await?;
    let is_saved = saved.rows_affected == 1;
    if is_saved {
        journey.version += 1;
    }
    Ok(is_saved)
}

/// Closes an open journey: at most one caller succeeds, and that one answers the client. `false` when another
/// request saved or closed it first.
///
/// # Errors
/// When the database does not answer.
pub async fn close<S>(tx: &Transaction, journey: &StoredJourney<S>, now: Timestamp) -> Result<bool, Fault> {
    let closed = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .col_expr(Column::Version, Expr::value(journey.version + 1))
        .filter(is_open_and_unmoved(journey))
        .exec(tx.connection())
        .await?;
    Ok(closed.rows_affected == 1)
}

/// The guard of every change: open, and the version unchanged since it was read.
fn is_open_and_unmoved<S>(journey: &StoredJourney<S>) -> Expr {
    Column::Id.eq(journey.id).and(Column::Version.eq(journey.version)).and(Column::ClosedAt.is_null())
}

/// Closes every open journey of a person, so that no first factor proved in them can be used.
///
/// # Errors
/// When the database does not answer.
pub async fn close_all(tx: &Transaction, person: PersonId, now: Timestamp) -> Result<(), Fault> {
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(Column::PersonId.eq(person).and(Column::ClosedAt.is_null()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Closes every open journey of a browser, so that no factor proved before a sign-out can be used after it,
/// and returns their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn close_of_browser(
    tx: &Transaction,
    browser_hash: &[u8],
    now: Timestamp,
) -> Result<Vec<JourneyId>, Fault> {
    let closed = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(Column::BrowserHash.eq(browser_hash).and(Column::ClosedAt.is_null()))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(closed.into_iter().map(|journey| journey.id).collect())
}

fn from_row<S: DeserializeOwned>(row: Model) -> Result<StoredJourney<S>, Fault> {
    Ok(StoredJourney {
        state: super::json::from_column(&format!("journey.state of {}", row.id), row.state)?,
        id: row.id,
        workspace_id: row.workspace_id,
        person_id: row.person_id,
        browser_hash: row.browser_hash,
        version: row.version,
        source: row.source,
        expires_at: row.expires_at,
    })
}
