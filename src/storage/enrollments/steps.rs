//! The steps of an enrollment: claimed, completed, confirmed; and the wrong attempts at them.

use super::Enrollment;
use crate::{
    clock::Timestamp,
    factors::push::EnrollmentTransition,
    limits::lockout::{MAX_CLAIM_FAILURES, MAX_CONFIRM_ATTEMPTS},
    storage::{
        Executor, Fault, Topic, Transaction,
        authenticators::{Entitlement, activate, is_entitled},
        people, tickets,
        transitions::{change_at, guard},
    },
};
use ::entity::{
    enrollment::{Column, Entity},
    ids::{AuthenticatorId, EnrollmentId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

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
/// caller succeeds. `false` when the enrollment is not waiting, had too many attempts, or the person is not
/// entitled to the device; drop the transaction then. A ticket that entitles the person is used up.
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
    let person = enrollment.person_id();
    people::lock(tx, person).await?;
    tx.announce(Topic::Enrollment(enrollment.id()));
    let confirmed = change_at::<Entity>(EnrollmentTransition::Confirm, now)
        .col_expr(Column::ConfirmationSealed, Expr::value(None::<Vec<u8>>))
        .filter(has_attempts(enrollment.id()))
        .filter(is_entitled(entitlement, person))
        .exec(tx.connection())
        .await?;
    let (1, Some(device)) = (confirmed.rows_affected, enrollment.authenticator_id()) else {
        return Ok(false);
    };
    let is_active = activate(tx, device, (person, entitlement), now).await?;
    match entitlement {
        Entitlement::FirstSecondFactorByTicket(journey) if is_active => {
            tickets::use_up(tx, journey, person, now).await
        }
        _ => Ok(is_active),
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
