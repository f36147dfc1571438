//! Enrollments of devices. Every state change is a guarded update in this file.

use super::{
    Executor, Fault, Topic, Transaction,
    authenticators::{Entitlement, activate, is_entitled},
    insert::insert,
};
use crate::{
    clock::Timestamp,
    limits::lockout::{MAX_CLAIM_FAILURES, MAX_CONFIRM_ATTEMPTS},
};
use ::entity::{
    enrollment::{Column, EnrollmentState, Entity, Model},
    ids::{AuthenticatorId, EnrollmentId, JourneyId, PersonId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};

pub use super::enrollment_state::{ends_at, state_at, version_at};
pub use ::entity::enrollment::Model as Enrollment;

/// The states from which an enrollment can go on.
const OPEN: [EnrollmentState; 3] =
    [EnrollmentState::Offered, EnrollmentState::Claimed, EnrollmentState::Completed];

/// Finds the enrollment with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// Finds the newest enrollment whose activation code has this hash, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_code(db: &impl Executor, code_hash: &[u8]) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find()
        .filter(Column::CodeHash.eq(code_hash))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?)
}

/// Finds the newest enrollment of this sign-in.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_journey(db: &impl Executor, journey: JourneyId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find()
        .filter(Column::JourneyId.eq(journey))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?)
}

/// Adds an enrollment in the state `offered`. A person has one open enrollment at a time: [`end`] an older
/// one first.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_enrollment(tx: &Transaction, enrollment: Model) -> Result<(), Fault> {
    insert(tx, enrollment).await
}

/// Finds the enrollment with this id and locks it until the transaction ends, so that concurrent completions
/// run one after the other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Transaction, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?)
}

/// Binds an offer to the key of the first device that claims it; `false` for every later device.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    tx: &Transaction,
    id: EnrollmentId,
    thumbprint: &str,
    nonce: &str,
    ceremony: Option<serde_json::Value>,
    now: Timestamp,
) -> Result<bool, Fault> {
    tx.announce(Topic::Enrollment(id));
    let claimed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Claimed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::Thumbprint, Expr::value(thumbprint))
        .col_expr(Column::Nonce, Expr::value(nonce))
        .col_expr(Column::Ceremony, Expr::value(ceremony))
        .filter(
            Column::Id.eq(id).and(Column::State.eq(EnrollmentState::Offered)).and(Column::ExpiresAt.gt(now)),
        )
        .filter(Column::ClaimFailures.lt(MAX_CLAIM_FAILURES))
        .exec(tx.connection())
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Counts a claim with a wrong secret and returns the number of such claims.
///
/// # Errors
/// When the database does not answer.
pub async fn count_claim_failure(tx: &Transaction, id: EnrollmentId) -> Result<i32, Fault> {
    let counted = Entity::update_many()
        .col_expr(Column::ClaimFailures, Expr::col(Column::ClaimFailures).add(1))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(counted.first().map_or(0, |row| row.claim_failures))
}

/// The values that a completed enrollment stores until it is confirmed.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The pending device.
    pub authenticator_id: AuthenticatorId,
    /// Digest of the device's message: a repeat of the same bytes gets the same answer.
    pub digest: Vec<u8>,
    /// Hash of the confirmation code.
    pub confirmation_hash: Vec<u8>,
    /// The confirmation code, sealed, for a repeat of the same message.
    pub confirmation_sealed: Vec<u8>,
    /// The time until which the confirmation code may be typed.
    pub confirm_by: Timestamp,
}

/// Moves a claimed enrollment to `completed`, where it waits for the confirmation code; `false` when it is
/// not claimed.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(tx: &Transaction, id: EnrollmentId, completion: Completion) -> Result<bool, Fault> {
    tx.announce(Topic::Enrollment(id));
    let completed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Completed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::AuthenticatorId, Expr::value(completion.authenticator_id))
        .col_expr(Column::CompletionDigest, Expr::value(completion.digest))
        .col_expr(Column::ConfirmationHash, Expr::value(completion.confirmation_hash))
        .col_expr(Column::ConfirmationSealed, Expr::value(completion.confirmation_sealed))
        .col_expr(Column::ConfirmBy, Expr::value(completion.confirm_by))
        .filter(Column::Id.eq(id).and(Column::State.eq(EnrollmentState::Claimed)))
        .exec(tx.connection())
        .await?;
    Ok(completed.rows_affected == 1)
}

/// Confirms an enrollment whose code was typed correctly and in time, and activates its device: at most one
/// caller succeeds. `false` when the enrollment is not waiting, had too many attempts, or the person has a
/// second factor and `entitlement` is [`Entitlement::FirstSecondFactor`]; drop the transaction then.
///
/// Locks the person's row: under READ COMMITTED two concurrent confirmations would each see no other device.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(
    tx: &Transaction,
    enrollment: &Enrollment,
    entitlement: Entitlement,
    now: Timestamp,
) -> Result<bool, Fault> {
    let person = enrollment.person_id;
    super::people::lock(tx, person).await?;
    tx.announce(Topic::Enrollment(enrollment.id));
    let confirmed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Confirmed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::ConfirmationSealed, Expr::value(None::<Vec<u8>>))
        .filter(may_be_tried(enrollment.id, now))
        .filter(is_entitled(entitlement, person))
        .exec(tx.connection())
        .await?;
    match (confirmed.rows_affected, enrollment.authenticator_id) {
        (1, Some(device)) => activate(tx, device, (person, entitlement), now).await,
        _ => Ok(false),
    }
}

/// Counts a wrong confirmation code and returns the number of wrong codes; `None` when the enrollment is over
/// or has no attempt left.
///
/// # Errors
/// When the database does not answer.
pub async fn count_confirm_failure(
    tx: &Transaction,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<Option<i32>, Fault> {
    let counted = Entity::update_many()
        .col_expr(Column::ConfirmFailures, Expr::col(Column::ConfirmFailures).add(1))
        .filter(may_be_tried(id, now))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(counted.first().map(|row| row.confirm_failures))
}

/// The condition of every attempt at a confirmation code, right or wrong; part of the statement that counts
/// or confirms.
fn may_be_tried(id: EnrollmentId, now: Timestamp) -> Expr {
    let is_waiting = Column::State.eq(EnrollmentState::Completed).and(Column::ConfirmBy.gt(now));
    Column::Id.eq(id).and(is_waiting).and(Column::ConfirmFailures.lt(MAX_CONFIRM_ATTEMPTS))
}

/// Selects enrollments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentFilter {
    /// Those with these ids.
    Ids(Vec<EnrollmentId>),
    /// All of a person.
    Person(PersonId),
    /// The one that created this pending device.
    Device(AuthenticatorId),
}

/// Ends the selected open enrollments as `failed` or `cancelled`, revokes their pending devices, and returns
/// them. Enrollments that are over already are left unchanged.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    tx: &Transaction,
    filter: EnrollmentFilter,
    state: EnrollmentState,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    end_where(tx, of(filter).and(Column::State.is_in(OPEN)).and(is_overdue(now).not()), state, now).await
}

/// Lists enrollments that have expired and are not marked so yet; at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_overdue(
    db: &impl Executor,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<EnrollmentId>, Fault> {
    Ok(overdue(now, limit).into_tuple().all(db.connection()).await?)
}

/// The query of [`list_overdue`]; the index on state and expiry serves it.
pub(super) fn overdue(now: Timestamp, limit: u64) -> Select<Entity> {
    Entity::find().select_only().column(Column::Id).filter(is_overdue(now)).limit(limit)
}

/// Marks the selected overdue enrollments expired, revokes their pending devices, and returns those that were
/// not marked before: concurrent callers get disjoint sets.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(
    tx: &Transaction,
    filter: EnrollmentFilter,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    end_where(tx, of(filter).and(is_overdue(now)), EnrollmentState::Expired, now).await
}

fn of(filter: EnrollmentFilter) -> Expr {
    match filter {
        EnrollmentFilter::Ids(ids) => Column::Id.is_in(ids),
        EnrollmentFilter::Person(person) => Column::PersonId.eq(person),
        EnrollmentFilter::Device(device) => Column::AuthenticatorId.eq(device),
    }
}

fn is_overdue(now: Timestamp) -> Expr {
    let is_unclaimed = Column::State.is_in([EnrollmentState::Offered, EnrollmentState::Claimed]);
    let is_unconfirmed = Column::State.eq(EnrollmentState::Completed);
    let is_late = Column::ConfirmBy.lte(now).or(Column::ConfirmBy.is_null().and(Column::ExpiresAt.lte(now)));
    is_unclaimed.and(Column::ExpiresAt.lte(now)).or(is_unconfirmed.and(is_late))
}

async fn end_where(
    tx: &Transaction,
    condition: Expr,
    state: EnrollmentState,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(condition)
        .exec_with_returning(tx.connection())
        .await?;
    for enrollment in &ended {
        tx.announce(Topic::Enrollment(enrollment.id));
        if let Some(device) = enrollment.authenticator_id {
            super::authenticators::revoke(tx, device, now).await?;
        }
    }
    Ok(ended)
}
