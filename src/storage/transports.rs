//! How devices are reached.

use super::{Fault, Reads, Unit};
use crate::clock::Timestamp;
use ::entity::{
    ids::AuthenticatorId,
    transport::{Column, Entity, Model, TransportState},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};

pub use ::entity::transport::Model as Transport;

/// How this device is reached; `None` when it never said.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Reads, device: AuthenticatorId) -> Result<Option<Transport>, Fault> {
    Ok(Entity::find_by_id(device).one(db.connection()).await?)
}

/// Sets how a device is reached, unless it has said something newer: of two that race, the higher `ctr` stays.
///
/// # Errors
/// When the database does not answer.
pub async fn save(unit: &Unit, transport: Model) -> Result<(), Fault> {
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
        .exec_without_returning(unit.connection())
        .await?;
    Ok(())
}

/// Notes what came of a message to this device.
///
/// # Errors
/// When the database does not answer.
pub async fn note(
    unit: &Unit,
    device: AuthenticatorId,
    state: TransportState,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Column::AuthenticatorId.eq(device));
    if state == TransportState::Ok {
        update = update.col_expr(Column::LastOkAt, Expr::value(now));
    }
    update.exec(unit.connection()).await?;
    Ok(())
}

/// Forgets how a device is reached.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn delete(unit: &Unit, device: AuthenticatorId) -> Result<(), Fault> {
    Entity::delete_by_id(device).exec(unit.connection()).await?;
    Ok(())
}
