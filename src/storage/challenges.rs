//! Challenges sent to people's devices. Every change of a state is an update that `transitions` builds with its guard.

use super::{
    Executor, Fault, Topic, Transaction,
    insert::insert,
    transitions::{change_at, guard},
};
use crate::{
    clock::Timestamp,
    factors::{
        Receipt,
        push::{ChallengeTransition, WithdrawalReason},
    },
    limits::push::{ChallengeOutcome, Sent},
};
use ::entity::{
    challenge::{Column, Entity, Model},
    challenge_device,
    enums::ChallengeState,
    ids::{AuthenticatorId, ChallengeId, JourneyId, PersonId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};

pub use super::challenge_state::{ends_at, state_at, version_at};
pub use ::entity::{challenge::Model as Challenge, challenge_device::Model as ChallengeDevice};

/// The stored reason of a denial caused by an approval with a wrong number.
pub const NUMBER_MISMATCH: &str = "number_mismatch";

/// Finds the challenge with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// Finds the newest challenge of this sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_journey(db: &impl Executor, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    Ok(Entity::find()
        .filter(Column::JourneyId.eq(journey))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?)
}

/// Lists a person's challenges since `since`, newest first, at most 200: the input of the push limits.
///
/// # Errors
/// When the database does not answer.
pub async fn list_since(
    db: &impl Executor,
    person: PersonId,
    since: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    Ok(Entity::find()
        .filter(Column::PersonId.eq(person).and(Column::CreatedAt.gt(since)))
        .order_by_desc(Column::CreatedAt)
        .limit(200)
        .all(db.connection())
        .await?)
}

/// Lists the challenges that this device can still answer, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_open(
    db: &impl Executor,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let targeted: Vec<ChallengeId> = challenge_device::Entity::find()
        .select_only()
        .column(challenge_device::Column::ChallengeId)
        .filter(challenge_device::Column::AuthenticatorId.eq(device))
        .order_by_desc(challenge_device::Column::ChallengeId)
        .limit(20)
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(Entity::find()
        .filter(Column::Id.is_in(targeted).and(guard::<Entity>(ChallengeTransition::Approve, now)))
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?)
}

/// Finds this device's part in a challenge; `None` when the challenge was not sent to it.
///
/// # Errors
/// When the database does not answer.
pub async fn find_device(
    db: &impl Executor,
    id: ChallengeId,
    device: AuthenticatorId,
) -> Result<Option<ChallengeDevice>, Fault> {
    Ok(challenge_device::Entity::find_by_id((id, device)).one(db.connection()).await?)
}

/// Lists the devices that a challenge was sent to.
///
/// # Errors
/// When the database does not answer.
pub async fn list_devices(db: &impl Executor, id: ChallengeId) -> Result<Vec<ChallengeDevice>, Fault> {
    Ok(challenge_device::Entity::find()
        .filter(challenge_device::Column::ChallengeId.eq(id))
        .all(db.connection())
        .await?)
}

/// A challenge as the limits see it (see [`limits`](crate::limits::push)).
pub fn sent(challenge: &Challenge, now: Timestamp) -> Sent {
    let outcome = match state_at(challenge, now) {
        ChallengeState::Pending | ChallengeState::Delivered => ChallengeOutcome::Open,
        ChallengeState::Approved | ChallengeState::Consumed => ChallengeOutcome::Approved,
        // Approved, but not consumed in time.
        ChallengeState::Expired if challenge.answered_at.is_some() => ChallengeOutcome::Approved,
        ChallengeState::Denied if challenge.reason.as_deref() == Some(NUMBER_MISMATCH) => {
            ChallengeOutcome::Mismatched
        }
        ChallengeState::Denied | ChallengeState::Reported => ChallengeOutcome::Denied,
        ChallengeState::Superseded | ChallengeState::Expired => ChallengeOutcome::Unanswered,
    };
    let ends_at = challenge.answered_at.unwrap_or(challenge.expires_at);
    Sent { journey: challenge.journey_id, at: challenge.created_at, ends_at, outcome }
}

/// Returns why the challenge was withdrawn; `None` if it was not, or by a newer version for another reason.
pub fn withdrawal_reason(challenge: &Challenge) -> Option<WithdrawalReason> {
    challenge.reason.as_deref().and_then(WithdrawalReason::parse)
}

/// Locks the person's row until the transaction ends, so that concurrent challenges are counted one after the
/// other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_person(tx: &Transaction, person: PersonId) -> Result<(), Fault> {
    super::people::lock(tx, person).await.map(drop)
}

/// Adds a challenge and the devices that it is sent to.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_challenge(
    tx: &Transaction,
    challenge: Model,
    devices: Vec<ChallengeDevice>,
) -> Result<(), Fault> {
    tx.announce(Topic::Devices(challenge.person_id));
    tx.announce(Topic::Challenge(challenge.id));
    insert(tx, challenge).await?;
    for device in devices {
        insert(tx, device).await?;
    }
    Ok(())
}

/// Records that a device has fetched the challenge: `pending` becomes `delivered`, once.
///
/// # Errors
/// When the database does not answer.
pub async fn deliver(
    tx: &Transaction,
    id: ChallengeId,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<(), Fault> {
    challenge_device::Entity::update_many()
        .col_expr(challenge_device::Column::DeliveredAt, Expr::value(now))
        .filter(challenge_device::Column::ChallengeId.eq(id))
        .filter(challenge_device::Column::AuthenticatorId.eq(device))
        .filter(challenge_device::Column::DeliveredAt.is_null())
        .exec(tx.connection())
        .await?;
    let delivered = change_at::<Entity>(ChallengeTransition::Fetch, now)
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    announce_first(tx, &delivered);
    Ok(())
}

/// An answer of a device.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The change of the challenge's state.
    pub transition: ChallengeTransition,
    /// The answering device.
    pub by: AuthenticatorId,
    /// The reason of a denial or a report.
    pub reason: Option<String>,
    /// Digest of the signed bytes.
    pub digest: Vec<u8>,
    /// Whether the device verified its user; `None` where that was not requested.
    pub user_verified: Option<bool>,
    /// The time by which the browser must consume an approval.
    pub consume_by: Option<Timestamp>,
}

/// Records an answer; `true` for the first one in time, `false` for every other. A report also replaces an
/// approval that its browser has not consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn answer(
    tx: &Transaction,
    id: ChallengeId,
    answer: Answer,
    now: Timestamp,
) -> Result<bool, Fault> {
    let answered = change_at::<Entity>(answer.transition, now)
        .col_expr(Column::AnsweredBy, Expr::value(answer.by))
        .col_expr(Column::AnsweredAt, Expr::value(now))
        .col_expr(Column::ConsumeBy, Expr::value(answer.consume_by))
        .col_expr(Column::Reason, Expr::value(answer.reason))
        .col_expr(Column::AnswerDigest, Expr::value(answer.digest))
        .col_expr(Column::UserVerified, Expr::value(answer.user_verified))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(announce_first(tx, &answered))
}

/// Consumes an approval for the sign-in that requested it: at most one caller gets the receipt, and only in
/// time.
///
/// # Errors
/// When the database does not answer.
pub async fn consume(
    tx: &Transaction,
    id: ChallengeId,
    journey: JourneyId,
    now: Timestamp,
) -> Result<Option<Receipt>, Fault> {
    let consumed = change_at::<Entity>(ChallengeTransition::Consume, now)
        .filter(Column::Id.eq(id).and(Column::JourneyId.eq(journey)))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(announce_first(tx, &consumed).then(Receipt::from_storage))
}

/// Selects challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeFilter {
    /// Those of a sign-in.
    Journey(JourneyId),
    /// All of a person.
    Person(PersonId),
    /// Those that were sent to this device alone.
    Device(AuthenticatorId),
}

/// Withdraws the selected challenges that can still be answered, for `reason`, and returns them.
///
/// # Errors
/// When the database does not answer.
pub async fn supersede(
    tx: &Transaction,
    filter: ChallengeFilter,
    reason: WithdrawalReason,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    let selected = match filter {
        ChallengeFilter::Journey(journey) => Column::JourneyId.eq(journey),
        ChallengeFilter::Person(person) => Column::PersonId.eq(person),
        ChallengeFilter::Device(device) => {
            Column::Id.is_in(list_open_of_device_alone(tx, device, now).await?)
        }
    };
    let superseded = change_at::<Entity>(ChallengeTransition::Supersede, now)
        .col_expr(Column::Reason, Expr::value(reason.as_str()))
        .filter(selected)
        .exec_with_returning(tx.connection())
        .await?;
    for challenge in &superseded {
        tx.announce(Topic::Challenge(challenge.id));
        tx.announce(Topic::Devices(challenge.person_id));
    }
    Ok(superseded)
}

async fn list_open_of_device_alone(
    tx: &Transaction,
    device: AuthenticatorId,
    now: Timestamp,
) -> Result<Vec<ChallengeId>, Fault> {
    let mut alone = Vec::new();
    for challenge in list_open(tx, device, now).await? {
        let devices = list_devices(tx, challenge.id).await?;
        if devices.iter().all(|targeted| targeted.authenticator_id == device) {
            alone.push(challenge.id);
        }
    }
    Ok(alone)
}

/// Lists challenges that have expired, or whose approval was not consumed in time, and that are not marked so
/// yet; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_overdue(db: &impl Executor, now: Timestamp, limit: u64) -> Result<Vec<ChallengeId>, Fault> {
    Ok(overdue(now, limit).into_tuple().all(db.connection()).await?)
}

/// The query of [`list_overdue`]; the index on state and expiry serves it.
pub(super) fn overdue(now: Timestamp, limit: u64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(guard::<Entity>(ChallengeTransition::Expire, now))
        .limit(limit)
}

/// Marks these challenges expired and returns those that were not marked before: concurrent callers get
/// disjoint sets.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(
    tx: &Transaction,
    ids: Vec<ChallengeId>,
    now: Timestamp,
) -> Result<Vec<Challenge>, Fault> {
    Ok(change_at::<Entity>(ChallengeTransition::Expire, now)
        .filter(Column::Id.is_in(ids))
        .exec_with_returning(tx.connection())
        .await?)
}

/// Lists the current versions of these challenges, for the periodic re-read that makes up for lost
/// notifications.
///
/// # Errors
/// When the database does not answer.
pub async fn list_versions(
    db: &impl Executor,
    ids: Vec<ChallengeId>,
) -> Result<Vec<(ChallengeId, i64)>, Fault> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Version)
        .filter(Column::Id.is_in(ids))
        .into_tuple()
        .all(db.connection())
        .await?)
}

fn announce_first(tx: &Transaction, moved: &[Model]) -> bool {
    if let Some(challenge) = moved.first() {
        tx.announce(Topic::Challenge(challenge.id));
        tx.announce(Topic::Devices(challenge.person_id));
    }
    !moved.is_empty()
}
