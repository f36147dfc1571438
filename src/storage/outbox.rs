//! The outbox: rows are queued in the transaction that causes them and leased by one dispatcher at a time.
//!
//! Never names another table: what follows a delivery is a use case. Spec: none.
//! Called by: `actions`, which queue and finish; the dispatcher's queue in `workers`.

use super::{Executor, Fault, Storage, Topic, Transaction, insert::insert, transitions::change};
use crate::{clock::Timestamp, factors::push::OutboxTransition};
use ::entity::{
    enums::{OutboxState, RecipientKind},
    ids::{AuthenticatorId, ChallengeId, OutboxId, PersonId, WorkspaceId},
    outbox::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func, LockBehavior, LockType},
};

pub use ::entity::enums::CarrierKind;

/// The recipient of a delivery, which decides its carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A device, by Web Push.
    Device(AuthenticatorId),
    /// An email address as the person's claims have it, by mail.
    Email {
        /// The address.
        address: String,
        /// The person.
        person: PersonId,
    },
}

impl Recipient {
    /// Returns the carrier.
    pub fn carrier(&self) -> CarrierKind {
        match self {
            Self::Device(_) => CarrierKind::WebPush,
            Self::Email { .. } => CarrierKind::Smtp,
        }
    }

    /// Reads the recipient of a row; one of an earlier version names a device only.
    fn of(row: &Model) -> Option<Self> {
        match row.recipient_kind {
            None | Some(RecipientKind::Device) => row.authenticator_id.map(Self::Device),
            Some(RecipientKind::Email) => {
                let (address, person) = row.recipient.clone().zip(row.person_id)?;
                Some(Self::Email { address, person })
            }
        }
    }
}

/// A delivery to be queued.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: OutboxId,
    /// The workspace whose keys and name it has.
    pub workspace: WorkspaceId,
    /// The recipient.
    pub recipient: Recipient,
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
        let carrier = self.recipient.carrier();
        let (kind, recipient, device, person) = match self.recipient {
            Recipient::Device(device) => (RecipientKind::Device, device.to_string(), Some(device), None),
            Recipient::Email { address, person } => (RecipientKind::Email, address, None, Some(person)),
        };
        Model {
            id: self.id,
            authenticator_id: device,
            challenge_id: self.challenge,
            payload: self.payload,
            state: waiting(carrier),
            attempts: 0,
            not_before: self.created_at,
            lease_until: None,
            expires_at: self.expires_at,
            created_at: self.created_at,
            last_error: None,
            carrier: Some(carrier),
            recipient_kind: Some(kind),
            recipient: Some(recipient),
            workspace_id: Some(self.workspace),
            person_id: person,
        }
    }
}

/// The state in which a row waits for this carrier. Older nodes, which know Web Push only, lease `queued`.
fn waiting(carrier: CarrierKind) -> OutboxState {
    match carrier {
        CarrierKind::WebPush => OutboxState::Queued,
        CarrierKind::Smtp => OutboxState::Waiting,
    }
}

/// The condition of the rows that wait for this carrier; those of earlier versions name none.
fn waits_for(carrier: CarrierKind) -> Expr {
    let waits = Column::State.eq(waiting(carrier));
    match carrier {
        CarrierKind::WebPush => waits,
        CarrierKind::Smtp => waits.and(Column::Carrier.eq(carrier)),
    }
}

/// A delivery that a dispatcher has leased.
#[derive(Clone, Debug)]
pub struct LeasedRow {
    /// Its id.
    pub id: OutboxId,
    /// The workspace; `None` in a row of an earlier version.
    pub workspace: Option<WorkspaceId>,
    /// The recipient; `None` if the row names none.
    pub recipient: Option<Recipient>,
    /// The message as a stored document.
    pub payload: serde_json::Value,
    /// Attempts so far.
    pub attempts: i32,
    /// The time of the cause.
    pub created_at: Timestamp,
    /// The time after which it is useless.
    pub expires_at: Timestamp,
}

impl From<Model> for LeasedRow {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            workspace: row.workspace_id,
            recipient: Recipient::of(&row),
            payload: row.payload,
            attempts: row.attempts,
            created_at: row.created_at,
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

/// Leases up to `limit` due rows of this carrier until `lease_until`; no other dispatcher gets them before that time.
///
/// # Errors
/// When the database does not answer.
pub async fn lease_due(
    storage: &Storage,
    carrier: CarrierKind,
    (now, limit): (Timestamp, u64),
    lease_until: Timestamp,
) -> Result<Vec<LeasedRow>, Fault> {
    let tx = storage.begin().await?;
    let mut due = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(waits_for(carrier).and(Column::NotBefore.lte(now)))
        .filter(Column::LeaseUntil.is_null().or(Column::LeaseUntil.lte(now)))
        .order_by_asc(Column::NotBefore)
        .limit(limit);
    if storage.backend() == DbBackend::Postgres {
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

/// Finds the time at which the next row of this carrier is due or its lease ends; `None` when no row waits.
///
/// # Errors
/// When the database does not answer.
pub async fn next_due(db: &impl Executor, carrier: CarrierKind) -> Result<Option<Timestamp>, Fault> {
    let is_leased = Expr::col(Column::LeaseUntil).gt(Expr::col(Column::NotBefore));
    let due = Expr::case(is_leased, Expr::col(Column::LeaseUntil)).finally(Expr::col(Column::NotBefore));
    let next: Option<Option<Timestamp>> = Entity::find()
        .select_only()
        .expr_as(Func::min(due), "due")
        .filter(waits_for(carrier))
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(next.flatten())
}

/// Whether a message by Web Push to this device is still to be sent.
///
/// # Errors
/// When the database does not answer.
pub async fn is_awaited(db: &impl Executor, device: AuthenticatorId) -> Result<bool, Fault> {
    let waits = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(waits_for(CarrierKind::WebPush).and(Column::AuthenticatorId.eq(device)))
        .into_tuple::<OutboxId>();
    Ok(waits.one(db.connection()).await?.is_some())
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

/// A row that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether it announced a challenge.
    pub has_challenge: bool,
}

/// Ends a waiting row with its outcome; `None` for one that has ended already, because it was cancelled or another
/// dispatcher was faster.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(
    tx: &Transaction,
    id: OutboxId,
    outcome: OutboxTransition,
    error: Option<&str>,
) -> Result<Option<Ended>, Fault> {
    let finished = change::<Entity>(outcome)
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(finished.first().map(|row| Ended { has_challenge: row.challenge_id.is_some() }))
}

/// Queues a row of this carrier for another attempt, not before `at`, unless it was cancelled.
///
/// # Errors
/// When the database does not answer.
pub async fn retry(
    tx: &Transaction,
    (id, carrier): (OutboxId, CarrierKind),
    at: Timestamp,
    error: &str,
) -> Result<(), Fault> {
    let transition = match carrier {
        CarrierKind::WebPush => OutboxTransition::Retry,
        CarrierKind::Smtp => OutboxTransition::RetryWaiting,
    };
    change::<Entity>(transition)
        .col_expr(Column::NotBefore, Expr::value(at))
        .col_expr(Column::LeaseUntil, Expr::value(None::<Timestamp>))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}
