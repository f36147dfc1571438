//! The audit log: each event is written in the transaction of the change that it records.

use super::{Executor, Fault, Transaction, insert::insert};
use crate::{
    audit::{AuditEvent, AuditSource, AuditSubject},
    clock::Timestamp,
};
use ::entity::{
    audit_event::{Column, Entity, Model},
    ids::{AuditEventId, PersonId, WorkspaceId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

pub use ::entity::audit_event::Model as AuditRow;

/// One audit event before it is written.
#[derive(Clone, Debug)]
pub struct AuditLine<'a> {
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// What happened.
    pub event: &'a AuditEvent,
    /// The person, client, authenticator and journey that it is about.
    pub subject: AuditSubject,
    /// The origin of the request.
    pub source: &'a AuditSource,
}

/// Writes one audit event.
///
/// # Errors
/// When the database does not answer; then the recorded change must not happen either.
pub async fn record(
    tx: &Transaction,
    id: AuditEventId,
    line: AuditLine<'_>,
    now: Timestamp,
) -> Result<(), Fault> {
    let row = Model {
        id,
        workspace_id: line.workspace_id,
        at: now,
        code: line.event.code().to_owned(),
        person_id: line.subject.person,
        client_key: line.subject.client,
        authenticator_id: line.subject.authenticator,
        journey_id: line.subject.journey,
        address: line.source.address.clone(),
        agent: line.source.agent.clone(),
        request_id: line.source.request_id.clone(),
        detail: line.event.detail(),
    };
    insert(tx, row).await
}

/// Lists a person's audit events, newest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_of_person(
    db: &impl Executor,
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
