//! Pairings in progress.

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

pub use ::entity::enrollment::Model as Enrollment;

/// The states from which a pairing can go on.
const OPEN: [EnrollmentState; 3] =
    [EnrollmentState::Offered, EnrollmentState::Claimed, EnrollmentState::Completed];

/// The enrollment of this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// The newest enrollment whose typed code hashes to this, whatever its state.
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

/// The newest enrollment of this sign-in.
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

/// Offers a pairing. A person has one at a time: [`end`] an older one first.
///
/// # Errors
/// When the database does not answer.
pub async fn insert_enrollment(tx: &Transaction, enrollment: Model) -> Result<(), Fault> {
    insert(tx, enrollment).await
}

/// The enrollment of this id, held until the unit ends: two completions at once go one after the other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &Transaction, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(tx.lock(Entity::find_by_id(id)).one(tx.connection()).await?)
}

/// Locks an offer to the key of the first device that claims it; `false` for every later one.
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

/// Counts a claim with a wrong secret, and returns how many there were.
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

/// What a completed pairing waits with.
#[derive(Clone, Debug)]
pub struct Completion {
    /// The pending device.
    pub authenticator_id: AuthenticatorId,
    /// Digest of the device's message, so that the same bytes get the same answer.
    pub digest: Vec<u8>,
    /// Hash of the confirmation code.
    pub confirmation_hash: Vec<u8>,
    /// The confirmation code, sealed, for a repeat of the same message.
    pub confirmation_sealed: Vec<u8>,
    /// Until when it may be typed.
    pub confirm_by: Timestamp,
}

/// Takes a claimed pairing to the confirmation code; `false` when it is not claimed any more.
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

/// Confirms an enrollment whose code was typed back in time, and makes its device active: one caller wins. `false` when
/// it waits no longer, was tried too often, or the person has a second factor that `entitlement` does not name; drop the
/// unit then.
///
/// Holds the person's row: under READ COMMITTED two confirmations at once would each see no other device.
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

/// Counts a wrong confirmation code, and returns how many there were; `None` when no further try counts, because the
/// enrollment is over or was tried as often as it may be.
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

/// The condition of every try at a confirmation code, right or wrong: it stands in the statement that counts or confirms.
fn may_be_tried(id: EnrollmentId, now: Timestamp) -> Expr {
    let is_waiting = Column::State.eq(EnrollmentState::Completed).and(Column::ConfirmBy.gt(now));
    Column::Id.eq(id).and(is_waiting).and(Column::ConfirmFailures.lt(MAX_CONFIRM_ATTEMPTS))
}

/// Which pairings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentFilter {
    /// These.
    Ids(Vec<EnrollmentId>),
    /// All of a person.
    Person(PersonId),
    /// The one that made this pending device.
    Device(AuthenticatorId),
}

/// Ends open pairings as `failed` or `cancelled`, and their pending devices with them; returns those that it ended.
/// What is over already is left as it is.
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

/// Pairings whose time is over although no row says so; at most `limit`.
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

/// The question behind [`list_overdue`]; the index on state and expiry answers it.
pub(super) fn overdue(now: Timestamp, limit: u64) -> Select<Entity> {
    Entity::find().select_only().column(Column::Id).filter(is_overdue(now)).limit(limit)
}

/// Notes that these are over, and their pending devices with them; returns those of which nobody had noted it: one
/// caller has each.
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
