//! Enrollments of devices. Every change of a state is an update that `transitions` builds with its guard.

use super::{
    Executor, Fault, Topic, Transaction,
    authenticators::{Entitlement, activate, is_entitled},
    insert::insert,
    transitions::{change_at, guard},
};
use crate::{
    clock::Timestamp,
    factors::push::EnrollmentTransition,
    limits::lockout::{MAX_CLAIM_FAILURES, MAX_CONFIRM_ATTEMPTS},
};
use ::entity::{
    enrollment::{Column, Entity, Model},
    ids::{AuthenticatorId, EnrollmentId, JourneyId, PersonId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};

pub use super::enrollment_state::{ends_at, state_at, version_at};
pub use ::entity::enrollment::Model as Enrollment;

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
    let claimed = change_at::<Entity>(EnrollmentTransition::Claim, now)
        .col_expr(Column::Thumbprint, Expr::value(thumbprint))
        .col_expr(Column::Nonce, Expr::value(nonce))
        .col_expr(Column::Ceremony, Expr::value(ceremony))
        .filter(Column::Id.eq(id).and(Column::ClaimFailures.lt(MAX_CLAIM_FAILURES)))
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
/// not claimed, or has expired.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(
    tx: &Transaction,
    id: EnrollmentId,
    completion: Completion,
    now: Timestamp,
) -> Result<bool, Fault> {
    tx.announce(Topic::Enrollment(id));
    let completed = change_at::<Entity>(EnrollmentTransition::Complete, now)
        .col_expr(Column::AuthenticatorId, Expr::value(completion.authenticator_id))
        .col_expr(Column::CompletionDigest, Expr::value(completion.digest))
        .col_expr(Column::ConfirmationHash, Expr::value(completion.confirmation_hash))
        .col_expr(Column::ConfirmationSealed, Expr::value(completion.confirmation_sealed))
        .col_expr(Column::ConfirmBy, Expr::value(completion.confirm_by))
        .filter(Column::Id.eq(id))
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
    let confirmed = change_at::<Entity>(EnrollmentTransition::Confirm, now)
        .col_expr(Column::ConfirmationSealed, Expr::value(None::<Vec<u8>>))
        .filter(has_attempts(enrollment.id))
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
        .filter(guard::<Entity>(EnrollmentTransition::Confirm, now).and(has_attempts(id)))
        .exec_with_returning(tx.connection())
        .await?;
    Ok(counted.first().map(|row| row.confirm_failures))
}

/// The condition of every attempt at a confirmation code, right or wrong; part of the statement that counts
/// or confirms.
fn has_attempts(id: EnrollmentId) -> Expr {
    Column::Id.eq(id).and(Column::ConfirmFailures.lt(MAX_CONFIRM_ATTEMPTS))
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

/// Ends the selected open enrollments by this transition, revokes their pending devices, and returns them.
/// Enrollments that are over already are left unchanged.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    tx: &Transaction,
    filter: EnrollmentFilter,
    transition: EnrollmentTransition,
    now: Timestamp,
) -> Result<Vec<Enrollment>, Fault> {
    let ended =
        change_at::<Entity>(transition, now).filter(of(filter)).exec_with_returning(tx.connection()).await?;
    for enrollment in &ended {
        tx.announce(Topic::Enrollment(enrollment.id));
        if let Some(device) = enrollment.authenticator_id {
            super::authenticators::revoke(tx, device, now).await?;
        }
    }
    Ok(ended)
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
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(guard::<Entity>(EnrollmentTransition::Expire, now))
        .limit(limit)
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
    end(tx, filter, EnrollmentTransition::Expire, now).await
}

fn of(filter: EnrollmentFilter) -> Expr {
    match filter {
        EnrollmentFilter::Ids(ids) => Column::Id.is_in(ids),
        EnrollmentFilter::Person(person) => Column::PersonId.eq(person),
        EnrollmentFilter::Device(device) => Column::AuthenticatorId.eq(device),
    }
}
