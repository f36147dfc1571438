//! Sign-ins in progress.

use super::{Executor, Fault, Transaction, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    ids::{JourneyId, PersonId, WorkspaceId},
    journey::{Column, Entity, Model},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Serialize, de::DeserializeOwned};

/// A sign-in in progress, with what its face keeps of it.
#[derive(Clone, Debug)]
pub struct StoredJourney<S> {
    /// Its row, and the `j` of its pages.
    pub id: JourneyId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// Who it is about, once somebody known was named.
    pub person_id: Option<PersonId>,
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_hash: Vec<u8>,
    /// Grows with each save; a save of an older version is refused.
    pub version: i64,
    /// Where it stands.
    pub state: S,
    /// The network address that began it.
    pub source: String,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What a look for a journey found.
#[derive(Clone, Debug)]
pub enum Found<S> {
    /// In progress, and begun by this browser.
    Open(Box<StoredJourney<S>>),
    /// Over: its answer has gone to the relying party, or somebody has stopped it.
    Closed(Box<StoredJourney<S>>),
    /// Begun by this browser, too long ago.
    Expired(Box<StoredJourney<S>>),
    /// Nothing of this id was begun by this browser.
    Unknown,
}

/// The journey of this id, as the browser with this cookie may see it.
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

/// Begins a journey, and forgets the oldest of the same source beyond `limit`.
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

/// Saves an open journey that nobody moved meanwhile, and counts its version up. `false` when somebody did: load it
/// again and show its current step.
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

/// Closes an open journey that nobody moved meanwhile: one caller wins, and answers the relying party.
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

/// The guard of every move: open, and as it was when it was read.
fn is_open_and_unmoved<S>(journey: &StoredJourney<S>) -> Expr {
    Column::Id.eq(journey.id).and(Column::Version.eq(journey.version)).and(Column::ClosedAt.is_null())
}

/// Closes every open journey of a person, so that no first factor proved in one of them is worth anything.
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

/// Closes every open journey of a browser: what was proved in one of them before a sign-out is worth nothing after it.
/// Returns them.
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
