//! Pairings in progress.

use super::{Fault, Reads, Topic, Unit, insert::insert};
use crate::clock::Timestamp;
use ::entity::{
    enrollment::{Column, EnrollmentState, Entity, Model},
    ids::{AuthenticatorId, EnrollmentId, JourneyId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, sea_query::Expr};

pub use ::entity::enrollment::Model as Enrollment;

/// The states from which a pairing can go on.
const OPEN: [EnrollmentState; 3] =
    [EnrollmentState::Offered, EnrollmentState::Claimed, EnrollmentState::Completed];

/// The enrollment of this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Reads, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// The newest enrollment whose typed code hashes to this, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_code(db: &impl Reads, code_hash: &[u8]) -> Result<Option<Enrollment>, Fault> {
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
pub async fn find_of_journey(db: &impl Reads, journey: JourneyId) -> Result<Option<Enrollment>, Fault> {
    Ok(Entity::find()
        .filter(Column::JourneyId.eq(journey))
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?)
}

/// Offers a pairing. A person has one at a time: an older open one is cancelled, and its pending device with it.
///
/// # Errors
/// When the database does not answer.
pub async fn offer(unit: &Unit, enrollment: Model, now: Timestamp) -> Result<(), Fault> {
    cancel_all(unit, enrollment.person_id, now).await?;
    insert(unit, enrollment).await
}

/// Cancels a person's open pairings.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel_all(unit: &Unit, person: PersonId, now: Timestamp) -> Result<(), Fault> {
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Cancelled))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::PersonId.eq(person).and(Column::State.is_in(OPEN)))
        .exec_with_returning(unit.connection())
        .await?;
    for enrollment in cancelled {
        unit.announce(Topic::Enrollment(enrollment.id));
        if let Some(device) = enrollment.authenticator_id {
            super::authenticators::revoke(unit, device, now).await?;
        }
    }
    Ok(())
}

/// The enrollment of this id, held until the unit ends: two completions at once go one after the other.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(unit: &Unit, id: EnrollmentId) -> Result<Option<Enrollment>, Fault> {
    Ok(unit.lock(Entity::find_by_id(id)).one(unit.connection()).await?)
}

/// Cancels the pairing that made this pending device: it took itself away.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel_of_device(unit: &Unit, device: AuthenticatorId) -> Result<(), Fault> {
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Cancelled))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AuthenticatorId.eq(device).and(Column::State.is_in(OPEN)))
        .exec_with_returning(unit.connection())
        .await?;
    for enrollment in cancelled {
        unit.announce(Topic::Enrollment(enrollment.id));
    }
    Ok(())
}

/// Locks an offer to the key of the first device that claims it; `false` for every later one.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    unit: &Unit,
    id: EnrollmentId,
    thumbprint: &str,
    nonce: &str,
    ceremony: Option<serde_json::Value>,
    now: Timestamp,
) -> Result<bool, Fault> {
    unit.announce(Topic::Enrollment(id));
    let claimed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Claimed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::Thumbprint, Expr::value(thumbprint))
        .col_expr(Column::Nonce, Expr::value(nonce))
        .col_expr(Column::Ceremony, Expr::value(ceremony))
        .filter(
            Column::Id.eq(id).and(Column::State.eq(EnrollmentState::Offered)).and(Column::ExpiresAt.gt(now)),
        )
        .exec(unit.connection())
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Counts a claim with a wrong secret, and returns how many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn count_claim_failure(unit: &Unit, id: EnrollmentId) -> Result<i32, Fault> {
    let counted = Entity::update_many()
        .col_expr(Column::ClaimFailures, Expr::col(Column::ClaimFailures).add(1))
        .filter(Column::Id.eq(id))
        .exec_with_returning(unit.connection())
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
pub async fn complete(unit: &Unit, id: EnrollmentId, completion: Completion) -> Result<bool, Fault> {
    unit.announce(Topic::Enrollment(id));
    let completed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Completed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::AuthenticatorId, Expr::value(completion.authenticator_id))
        .col_expr(Column::CompletionDigest, Expr::value(completion.digest))
        .col_expr(Column::ConfirmationHash, Expr::value(completion.confirmation_hash))
        .col_expr(Column::ConfirmationSealed, Expr::value(completion.confirmation_sealed))
        .col_expr(Column::ConfirmBy, Expr::value(completion.confirm_by))
        .filter(Column::Id.eq(id).and(Column::State.eq(EnrollmentState::Claimed)))
        .exec(unit.connection())
        .await?;
    Ok(completed.rows_affected == 1)
}

/// Confirms a pairing whose code was typed back in time, and makes its device active: one caller wins.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(unit: &Unit, enrollment: &Enrollment, now: Timestamp) -> Result<bool, Fault> {
    unit.announce(Topic::Enrollment(enrollment.id));
    let confirmed = Entity::update_many()
        .col_expr(Column::State, Expr::value(EnrollmentState::Confirmed))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::ConfirmationSealed, Expr::value(None::<Vec<u8>>))
        .filter(Column::Id.eq(enrollment.id).and(Column::State.eq(EnrollmentState::Completed)))
        .filter(Column::ConfirmBy.gt(now))
        .exec(unit.connection())
        .await?;
    match (confirmed.rows_affected, enrollment.authenticator_id) {
        (1, Some(device)) => super::authenticators::activate(unit, device, now).await,
        _ => Ok(false),
    }
}

/// Counts a wrong confirmation code, and returns how many there were.
///
/// # Errors
/// When the database does not answer.
pub async fn count_confirm_failure(unit: &Unit, id: EnrollmentId) -> Result<i32, Fault> {
    let counted = Entity::update_many()
        .col_expr(Column::ConfirmFailures, Expr::col(Column::ConfirmFailures).add(1))
        .filter(Column::Id.eq(id).and(Column::State.eq(EnrollmentState::Completed)))
        .exec_with_returning(unit.connection())
        .await?;
    Ok(counted.first().map_or(0, |row| row.confirm_failures))
}

/// Ends an open pairing as `failed`, `expired` or `cancelled`, and its pending device with it.
///
/// # Errors
/// When the database does not answer.
pub async fn end(unit: &Unit, id: EnrollmentId, state: EnrollmentState, now: Timestamp) -> Result<(), Fault> {
    unit.announce(Topic::Enrollment(id));
    let ended = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id).and(Column::State.is_in(OPEN)))
        .exec_with_returning(unit.connection())
        .await?;
    if let Some(device) = ended.into_iter().next().and_then(|enrollment| enrollment.authenticator_id) {
        super::authenticators::revoke(unit, device, now).await?;
    }
    Ok(())
}
