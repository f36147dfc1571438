//! Journeys: sign-ins in progress, each bound to the browser that began it.

use super::{
    Executor, Fault, Transaction,
    insert::insert,
    stored::{self, Stored},
};
use crate::{clock::Timestamp, limits::networks::Counted};
use ::entity::{
    ids::{JourneyId, PersonId, WorkspaceId},
    journey::{Column, Entity, Model},
};
use ipnet::IpNet;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

/// The number of sign-ins that one new one drops at most, where the limit was lowered.
const MAX_DROPPED: u64 = 100;

/// A sign-in in progress; `S` is the state that the interface keeps.
#[derive(Clone, Debug)]
pub struct StoredJourney<S> {
    /// Primary key, and the `j` parameter of its pages.
    pub id: JourneyId,
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The person, once a factor was proved. A name alone is only in the state: the foreign key of a name that exists
    /// would cost a lock of the person's row, which takes time and tells that it exists.
    pub person_id: Option<PersonId>,
    /// SHA-256 of the cookie of the browser that began it.
    pub browser_hash: Vec<u8>,
    /// Whether a factor was proved in it, or in the session from which it starts.
    pub has_proof: bool,
    /// Incremented by each save; a save of an older version is refused.
    pub version: i64,
    /// The state of the sign-in.
    pub state: S,
    /// The network from which it was begun.
    pub source: IpNet,
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
    /// Begun by this browser, and written by a newer version in a form that this one must not read.
    Unreadable,
}

/// Finds the workspace's journey with this id if the browser with this cookie began it.
///
/// # Errors
/// When the database does not answer.
pub async fn find<S: Stored>(
    db: &impl Executor,
    workspace: WorkspaceId,
    id: JourneyId,
    browser_hash: &[u8],
    now: Timestamp,
) -> Result<Found<S>, Fault> {
    let own = Entity::find_by_id(id)
        .filter(Column::WorkspaceId.eq(workspace).and(Column::BrowserHash.eq(browser_hash)));
    let Some(row) = own.one(db.connection()).await? else { return Ok(Found::Unknown) };
    let is_closed = row.closed_at.is_some();
    Ok(match from_row(row).map(Box::new) {
        None => Found::Unreadable,
        Some(journey) if is_closed => Found::Closed(journey),
        Some(journey) if journey.expires_at <= now => Found::Expired(journey),
        Some(journey) => Found::Open(journey),
    })
}

/// Adds a journey. Beyond `limit` sign-ins in progress of the same source others make room: those of the same browser
/// first, the oldest first, and never one with a proof. `false` when all of them have one: then nothing may be committed.
/// The wider networks of a source have higher limits, see [`Counted`].
///
/// # Errors
/// When the database does not answer.
pub async fn insert_journey<S: Stored>(
    tx: &Transaction,
    journey: &StoredJourney<S>,
    now: Timestamp,
    limit: u64,
) -> Result<bool, Fault> {
    let [_, wider, widest] = levels(journey.source);
    let row = Model {
        id: journey.id,
        workspace_id: journey.workspace_id,
        person_id: journey.person_id,
        browser_hash: journey.browser_hash.clone(),
        version: journey.version,
        state: stored::write(&journey.state)?,
        source: journey.source.to_string(),
        created_at: now,
        expires_at: journey.expires_at,
        closed_at: None,
        has_proof: journey.has_proof,
        source_56: wider.map(|(network, _)| network),
        source_48: widest.map(|(network, _)| network),
    };
    insert(tx, row).await?;
    let columns = [Column::Source, Column::Source56, Column::Source48];
    for (column, level) in columns.into_iter().zip(levels(journey.source)) {
        let Some((network, factor)) = level else { continue };
        let of_network = column.eq(network);
        if !make_room(tx, journey, (of_network, limit.saturating_mul(factor.into())), now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The networks of a source as they are stored, each with the factor by which the limit is higher there.
fn levels(source: IpNet) -> [Option<(String, u32)>; 3] {
    source.levels().map(|level| level.map(|(network, factor)| (network.to_string(), factor)))
}

async fn make_room<S>(
    tx: &Transaction,
    journey: &StoredJourney<S>,
    (of_network, limit): (Expr, u64),
    now: Timestamp,
) -> Result<bool, Fault> {
    let in_progress = || {
        let is_open = Column::ClosedAt.is_null().and(Column::ExpiresAt.gt(now));
        Entity::find().filter(of_network.clone().and(is_open))
    };
    let surplus = in_progress().count(tx.connection()).await?.saturating_sub(limit);
    if surplus == 0 {
        return Ok(true);
    }
    let may_go: Vec<JourneyId> = in_progress()
        .select_only()
        .column(Column::Id)
        .filter(Column::HasProof.eq(false).and(Column::Id.ne(journey.id)))
        .order_by_desc(Column::BrowserHash.eq(journey.browser_hash.clone()))
        .order_by_asc(Column::Id)
        .limit(Ord::min(surplus, MAX_DROPPED))
        .into_tuple()
        .all(tx.connection())
        .await?;
    // One that has got a proof since it was listed stays.
    let dropped = Entity::delete_many()
        .filter(Column::Id.is_in(may_go).and(Column::HasProof.eq(false)))
        .exec(tx.connection())
        .await?;
    Ok(dropped.rows_affected > 0)
}

/// Saves an open journey and increments its version. `false` when another request saved or closed it first:
/// load it again and show its current step.
///
/// # Errors
/// When the database does not answer.
pub async fn save<S: Stored>(tx: &Transaction, journey: &mut StoredJourney<S>) -> Result<bool, Fault> {
    let saved = Entity::update_many()
        .col_expr(Column::State, Expr::value(stored::write(&journey.state)?))
        .col_expr(Column::PersonId, Expr::value(journey.person_id))
        .col_expr(Column::HasProof, Expr::value(journey.has_proof))
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

/// Closes every open journey of a person but `kept`, so that no first factor proved in them can be used.
///
/// # Errors
/// When the database does not answer.
pub async fn close_all(
    tx: &Transaction,
    person: PersonId,
    kept: Option<JourneyId>,
    now: Timestamp,
) -> Result<(), Fault> {
    let is_other = kept.map(|kept| Column::Id.ne(kept));
    Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(Column::PersonId.eq(person).and(Column::ClosedAt.is_null()))
        .filter(Condition::all().add_option(is_other))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Selects sign-ins in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JourneyFilter {
    /// The one with this id.
    Id(JourneyId),
    /// All of a person.
    Person(PersonId),
}

/// A journey that a request elsewhere has closed.
#[derive(Clone, Debug)]
pub struct Closed<S> {
    /// Its id.
    pub id: JourneyId,
    /// The person, once a known user name was entered.
    pub person_id: Option<PersonId>,
    /// The state of the sign-in; `None` when this version cannot read it.
    pub state: Option<S>,
}

/// Closes the selected open journeys and returns them.
///
/// # Errors
/// When the database does not answer.
pub async fn close_selected<S: Stored>(
    tx: &Transaction,
    filter: JourneyFilter,
    now: Timestamp,
) -> Result<Vec<Closed<S>>, Fault> {
    let selected = match filter {
        JourneyFilter::Id(id) => Column::Id.eq(id),
        JourneyFilter::Person(person) => Column::PersonId.eq(person),
    };
    let closed = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(selected.and(Column::ClosedAt.is_null()))
        .exec_with_returning(tx.connection())
        .await?;
    let closed = closed.into_iter().map(|row| Closed {
        id: row.id,
        person_id: row.person_id,
        state: stored::read_or_absent(&row.id, row.state),
    });
    Ok(closed.collect())
}

/// Reads the state of the journey with this id, open or closed; `None` when it is gone, or this version cannot
/// read it.
///
/// # Errors
/// When the database does not answer.
pub async fn find_state<S: Stored>(db: &impl Executor, id: JourneyId) -> Result<Option<S>, Fault> {
    let row = Entity::find_by_id(id).one(db.connection()).await?;
    Ok(row.and_then(|row| stored::read_or_absent(&row.id, row.state)))
}

/// Closes every open journey of a browser in the workspace, so that no factor proved before a sign-out can be used after it,
/// and returns their ids.
///
/// # Errors
/// When the database does not answer.
pub async fn close_of_browser(
    tx: &Transaction,
    workspace: WorkspaceId,
    browser_hash: &[u8],
    now: Timestamp,
) -> Result<Vec<JourneyId>, Fault> {
    let closed = Entity::update_many()
        .col_expr(Column::ClosedAt, Expr::value(now))
        .filter(Column::WorkspaceId.eq(workspace).and(Column::BrowserHash.eq(browser_hash)))
        .filter(Column::ClosedAt.is_null())
        .exec_with_returning(tx.connection())
        .await?;
    Ok(closed.into_iter().map(|journey| journey.id).collect())
}

/// `None` when the state cannot be read: the sign-in begins again.
fn from_row<S: Stored>(row: Model) -> Option<StoredJourney<S>> {
    Some(StoredJourney {
        state: stored::read_or_absent(&row.id, row.state)?,
        id: row.id,
        workspace_id: row.workspace_id,
        person_id: row.person_id,
        browser_hash: row.browser_hash,
        has_proof: row.has_proof,
        version: row.version,
        source: row.source.parse().unwrap_or_default(),
        expires_at: row.expires_at,
    })
}
