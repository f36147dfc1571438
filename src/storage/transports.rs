//! Transports: how devices are reached.

use super::{Executor, Fault, Transaction, transitions::change};
use crate::{clock::Timestamp, factors::push::TransportTransition};
use ::entity::{
    authenticator,
    enums::{AuthenticatorState, OutboxState, TransportKind, TransportState},
    ids::AuthenticatorId,
    outbox,
    transport::{Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict, Query},
};

pub use ::entity::transport::Model as Transport;

/// Finds the transport of this device; `None` when it never registered one.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Executor, device: AuthenticatorId) -> Result<Option<Transport>, Fault> {
    Ok(Entity::find_by_id(device).one(db.connection()).await?)
}

/// Stores a device's transport unless a newer one is stored: of two concurrent calls the one with the higher
/// `ctr` wins.
///
/// # Errors
/// When the database does not answer.
pub async fn save(tx: &Transaction, transport: Model) -> Result<(), Fault> {
    Entity::insert(transport.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(Column::AuthenticatorId)
                .update_columns([
                    Column::Kind,
                    Column::Address,
                    Column::AddressHash,
                    Column::VapidKid,
                    Column::State,
                    Column::Ctr,
                    Column::LastError,
                    Column::UpdatedAt,
                ])
                .action_and_where(
                    Expr::col((Entity, Column::Ctr))
                        .lt(Expr::cust_with_values("excluded.ctr", Vec::<i64>::new())),
                )
                .to_owned(),
        )
        .try_insert()
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Records the outcome of a message to this device.
///
/// # Errors
/// When the database does not answer.
pub async fn note(
    tx: &Transaction,
    device: AuthenticatorId,
    outcome: TransportTransition,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut update = change::<Entity>(outcome)
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Column::AuthenticatorId.eq(device));
    if outcome == TransportTransition::Accept {
        update = update.col_expr(Column::LastOkAt, Expr::value(now));
    }
    update.exec(tx.connection()).await?;
    Ok(())
}

/// Deletes the transport of a device.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn delete(tx: &Transaction, device: AuthenticatorId) -> Result<(), Fault> {
    Entity::delete_by_id(device).exec(tx.connection()).await?;
    Ok(())
}

/// Deletes the transport of a device that was removed, once no message to it is queued.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn delete_of_ended(tx: &Transaction, device: AuthenticatorId) -> Result<(), Fault> {
    let ended = Query::select()
        .column(authenticator::Column::Id)
        .from(authenticator::Entity)
        .and_where(authenticator::Column::Id.eq(device))
        .and_where(authenticator::Column::State.eq(AuthenticatorState::Revoked))
        .to_owned();
    let waiting = Query::select()
        .column(outbox::Column::AuthenticatorId)
        .from(outbox::Entity)
        .and_where(outbox::Column::AuthenticatorId.eq(device))
        .and_where(outbox::Column::State.eq(OutboxState::Queued))
        .to_owned();
    Entity::delete_many()
        .filter(Column::AuthenticatorId.in_subquery(ended))
        .filter(Column::AuthenticatorId.not_in_subquery(waiting))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether a message may arrive over this transport. A suspect transport is still tried.
pub fn is_reachable(transport: &Transport) -> bool {
    transport.kind == TransportKind::Webpush && transport.state != TransportState::Gone
}
