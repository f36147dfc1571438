//! Changes the state of an authenticator: activated once, suspended, revoked for good.

use crate::{
    clock::Timestamp,
    factors::push::DeviceTransition,
    storage::{Executor, Fault, Topic, Transaction, outbox, tickets, transitions::change, transports},
};
use ::entity::{
    authenticator::{Column, Entity},
    enums::AuthenticatorState,
    ids::{AuthenticatorId, JourneyId, PersonId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};

/// Why a sign-in may add a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// The person has none, neither active nor suspended, and needs no ticket: the first one may follow a first
    /// factor alone.
    FirstSecondFactor,
    /// The person has none, neither active nor suspended, and a ticket was redeemed in this sign-in that has added
    /// no device yet.
    FirstSecondFactorByTicket(JourneyId),
    /// The sign-in holds a proof by a second factor of this person.
    ProvedBySecondFactor,
}

/// The condition of every statement that makes an authenticator active.
pub(in crate::storage) fn is_entitled(entitlement: Entitlement, person: PersonId) -> Expr {
    match entitlement {
        Entitlement::ProvedBySecondFactor => Expr::value(true),
        Entitlement::FirstSecondFactor => has_none(person).and(tickets::is_not_required(person)),
        Entitlement::FirstSecondFactorByTicket(journey) => {
            has_none(person).and(tickets::is_redeemed(journey))
        }
    }
}

/// The condition that the person has no authenticator, neither active nor suspended.
fn has_none(person: PersonId) -> Expr {
    let living = [AuthenticatorState::Active, AuthenticatorState::Suspended];
    let others = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person).and(Column::State.is_in(living)));
    Expr::not_exists(others.into_query())
}

/// Activates a pending device. `false` when it is no longer pending, or when the person is not entitled to it. Two concurrent activations exclude each other
/// only under the person's lock, which [`enrollments::confirm`](crate::storage::enrollments::confirm) holds.
///
/// # Errors
/// When the database does not answer.
pub(in crate::storage) async fn activate(
    tx: &Transaction,
    id: AuthenticatorId,
    (person, entitlement): (PersonId, Entitlement),
    now: Timestamp,
) -> Result<bool, Fault> {
    let activated = change::<Entity>(DeviceTransition::Activate)
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .col_expr(Column::LastSeenAt, Expr::value(now))
        .filter(Column::Id.eq(id).and(Column::PersonId.eq(person)))
        .filter(is_entitled(entitlement, person))
        .exec(tx.connection())
        .await?;
    Ok(activated.rows_affected == 1)
}

/// Revokes an authenticator for good, and deletes its TOTP seed and its transport. `false` when it was
/// revoked before.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<bool, Fault> {
    let is_ended = end(tx, id, now).await?;
    if is_ended {
        transports::delete(tx, id).await?;
    }
    Ok(is_ended)
}

/// As [`revoke`], and queues a last message to the device: its transport stays until the outbox has finished
/// with that message.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_and_notify(
    tx: &Transaction,
    id: AuthenticatorId,
    message: outbox::NewDelivery,
    now: Timestamp,
) -> Result<bool, Fault> {
    let is_ended = end(tx, id, now).await?;
    if is_ended {
        outbox::queue(tx, message).await?;
    }
    Ok(is_ended)
}

/// Revokes it without deleting its transport; cancels the messages that are queued for it.
async fn end(tx: &Transaction, id: AuthenticatorId, now: Timestamp) -> Result<bool, Fault> {
    let revoked = change::<Entity>(DeviceTransition::Revoke)
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::TotpSeed, Expr::value(None::<Vec<u8>>))
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    let Some(device) = revoked.into_iter().next() else { return Ok(false) };
    outbox::cancel_for_device(tx, id).await?;
    tx.announce(Topic::Devices(device.person_id));
    Ok(true)
}

/// Suspends an active device until an operator looks at it, because its signatures or its counter were wrong.
/// `false` when it was not active.
///
/// # Errors
/// When the database does not answer.
pub async fn suspend(tx: &Transaction, id: AuthenticatorId) -> Result<bool, Fault> {
    let suspended = change::<Entity>(DeviceTransition::Suspend)
        .filter(Column::Id.eq(id))
        .exec_with_returning(tx.connection())
        .await?;
    for device in &suspended {
        tx.announce(Topic::Devices(device.person_id));
    }
    Ok(!suspended.is_empty())
}
