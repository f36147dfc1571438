//! What an authenticator uses once: a time step of its codes, a counter that it signs. Counts wrong signatures.

use crate::{
    clock::Timestamp,
    factors::Receipt,
    limits::lockout::BAD_SIGNATURES,
    storage::{Executor, Fault, Transaction, attempts, insert::insert_if_absent},
};
use ::entity::{
    answer_counter,
    authenticator::{Column, Entity},
    enums::AuthenticatorState,
    ids::AuthenticatorId,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};

/// Uses up a TOTP step: at most one caller gets the receipt, and no earlier step is accepted again (RFC 6238
/// §5.2).
///
/// # Errors
/// When the database does not answer.
pub async fn take_totp_step(
    tx: &Transaction,
    id: AuthenticatorId,
    step: i64,
    now: Timestamp,
) -> Result<Option<Receipt>, Fault> {
    let taken = Entity::update_many()
        .col_expr(Column::TotpLastStep, Expr::value(step))
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::State.eq(AuthenticatorState::Active)))
        .filter(Column::TotpLastStep.is_null().or(Column::TotpLastStep.lt(step)))
        .exec(tx.connection())
        .await?;
    Ok((taken.rows_affected == 1).then(Receipt::from_storage))
}

/// The meaning of a signed counter for the device that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Never seen before.
    Fresh,
    /// Seen with these same bytes: a repeat.
    Repeated,
    /// Seen with other bytes: two devices sign with one key.
    Cloned,
}

/// Records a counter that a device signed, with the digest of the signed bytes.
///
/// # Errors
/// When the database does not answer.
pub async fn note_counter(
    tx: &Transaction,
    id: AuthenticatorId,
    ctr: i64,
    digest: &[u8],
) -> Result<Counter, Fault> {
    let row = answer_counter::Model { authenticator_id: id, ctr, digest: digest.to_vec() };
    if insert_if_absent(tx, row).await? {
        return Ok(Counter::Fresh);
    }
    let seen = answer_counter::Entity::find_by_id((id, ctr)).one(tx.connection()).await?;
    Ok(if seen.is_some_and(|seen| seen.digest == digest) { Counter::Repeated } else { Counter::Cloned })
}

/// Counts a signature that did not verify and returns the number of such signatures within a day.
///
/// # Errors
/// When the database does not answer.
pub async fn count_bad_signature(
    tx: &Transaction,
    id: AuthenticatorId,
    now: Timestamp,
) -> Result<u32, Fault> {
    Entity::update_many()
        .col_expr(Column::BadSignatures, Expr::col(Column::BadSignatures).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    let key = format!("device.signature:{id}");
    Ok(attempts::fail(tx, &key, &BAD_SIGNATURES, now).await?.failures)
}
