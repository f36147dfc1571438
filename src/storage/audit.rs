//! The audit trail: written in the transaction of what it tells of.

use super::{Fault, Reads, Unit, insert::insert};
use ::entity::{
    audit_event::{Column, Entity, Model},
    ids::{PersonId, WorkspaceId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

pub use ::entity::audit_event::Model as AuditRow;

/// Writes one line of the trail.
///
/// # Errors
/// When the database does not answer: then what it tells of must not happen either.
pub async fn record(unit: &Unit, event: Model) -> Result<(), Fault> {
    insert(unit, event).await
}

/// A person's lines, the newest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_person(
    db: &impl Reads,
    workspace: WorkspaceId,
    person: PersonId,
    limit: u64,
) -> Result<Vec<AuditRow>, Fault> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(workspace).and(Column::PersonId.eq(person)))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?)
}
