//! The outbox: rows are queued in the transaction that causes them and leased by one dispatcher at a time.

use super::{Executor, Fault, Storage, Topic, Transaction, insert::insert, transitions::change};
use crate::{clock::Timestamp, factors::push::OutboxTransition};
use ::entity::{
    enums::OutboxState,
    ids::{AuthenticatorId, ChallengeId, OutboxId},
    outbox::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

/// A delivery to be queued.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: OutboxId,
    /// The device that it is for.
    pub device: AuthenticatorId,
    /// The challenge that it announces; `None` for a message that belongs to no challenge.
    pub challenge: Option<ChallengeId>,
    /// The message as a stored document.
    pub payload: serde_json::Value,
    /// The time after which it is useless.
    pub expires_at: Timestamp,
    /// The time of the cause; it is due at once.
    pub created_at: Timestamp,
}

impl NewDelivery {
    fn into_row(self) -> Model {
        Model {
            id: self.id,
            authenticator_id: Some(self.device),
            challenge_id: self.challenge,
            payload: self.payload,
            state: OutboxState::Queued,
            attempts: 0,
            not_before: self.created_at,
            lease_until: None,
            expires_at: self.expires_at,
            created_at: self.created_at,
            last_error: None,
        }
    }
}

/// A delivery that a dispatcher has leased.
#[derive(Clone, Debug)]
pub struct LeasedRow {
    /// Its id.
    pub id: OutboxId,
    /// The device that it is for.
    pub device: Option<AuthenticatorId>,
    /// The message as a stored document.
    pub payload: serde_json::Value,
    /// Attempts so far.
    pub attempts: i32,
    /// The time after which it is useless.
    pub expires_at: Timestamp,
}

impl From<Model> for LeasedRow {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            device: row.authenticator_id,
            payload: row.payload,
            attempts: row.attempts,
            expires_at: row.expires_at,
        }
    }
}

/// Queues one delivery; the dispatchers are notified after the commit.
///
/// # Errors
/// When the database does not answer.
pub async fn queue(tx: &Transaction, delivery: NewDelivery) -> Result<(), Fault> {
    tx.announce(Topic::Outbox);
    insert(tx, delivery.into_row()).await
}

/// Lists the times since `since` at which this device was sent a test message, newest first: one that belongs
/// to no challenge and lives no longer than `lifetime_seconds`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_tests_since(
    db: &impl Executor,
    device: AuthenticatorId,
    since: Timestamp,
    lifetime_seconds: i64,
) -> Result<Vec<Timestamp>, Fault> {
    let is_short =
        Expr::col(Column::ExpiresAt).lte(Expr::col(Column::CreatedAt).add(lifetime_seconds * 1000));
    Ok(Entity::find()
        .select_only()
        .column(Column::CreatedAt)
        .filter(Column::AuthenticatorId.eq(device).and(Column::ChallengeId.is_null()))
        .filter(Column::CreatedAt.gt(since).and(is_short))
        .order_by_desc(Column::CreatedAt)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// Leases up to `limit` due rows until `lease_until`; no other dispatcher gets them before that time.
///
/// # Errors
/// When the database does not answer.
pub async fn lease_due(
    storage: &Storage,
    now: Timestamp,
    limit: u64,
    lease_until: Timestamp,
) -> Result<Vec<LeasedRow>, Fault> {
    let tx = storage.begin().await?;
    let mut due = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::State.eq(OutboxState::Queued).and(Column::NotBefore.lte(now)))
        .filter(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lte(now)))
        .order_by_asc(Column::NotBefore)
        .limit(limit);
    if storage.backend() == sea_orm::DbBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let due: Vec<OutboxId> = due.into_tuple().all(tx.connection()).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let leased = Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(lease_until))
        .filter(Column::Id.is_in(due))
        .exec_with_returning(tx.connection())
        .await?;
    tx.commit().await?;
    Ok(leased.into_iter().map(LeasedRow::from).collect())
}

/// Finds the time at which the next queued row is due; `None` when no row is queued.
///
/// # Errors
/// When the database does not answer.
pub async fn next_due(db: &impl Executor) -> Result<Option<Timestamp>, Fault> {
    let next = Entity::find()
        .filter(Column::State.eq(OutboxState::Queued))
        .order_by_asc(Column::NotBefore)
        .one(db.connection())
        .await?;
    Ok(next.map(|row| row.lease_until.map_or(row.not_before, |lease| Ord::max(lease, row.not_before))))
}

/// Cancels the messages that are queued for a device that was removed.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn cancel_for_device(tx: &Transaction, device: AuthenticatorId) -> Result<(), Fault> {
    change::<Entity>(OutboxTransition::Skip)
        .col_expr(Column::LastError, Expr::value("the device was removed"))
        .filter(Column::AuthenticatorId.eq(device))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends a queued row with its outcome; a row that was cancelled stays so. After the last message to a removed
/// device the device's transport is deleted.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(
    tx: &Transaction,
    id: OutboxId,
    outcome: OutboxTransition,
    error: Option<&str>,
) -> Result<(), Fault> {
    let finished = change::<Entity>(outcome)
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    for row in finished.iter().filter(|row| row.challenge_id.is_none()) {
        if let Some(device) = row.authenticator_id {
            super::transports::delete_of_ended(tx, device).await?;
        }
    }
    Ok(())
}

/// Queues a row for another attempt, not before `at`, unless it was cancelled.
///
/// # Errors
/// When the database does not answer.
pub async fn retry(tx: &Transaction, id: OutboxId, at: Timestamp, error: &str) -> Result<(), Fault> {
    change::<Entity>(OutboxTransition::Retry)
        .col_expr(Column::NotBefore, Expr::value(at))
        .col_expr(Column::LeaseUntil, Expr::value(None::<Timestamp>))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}
