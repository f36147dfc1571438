//! The audit log: each event is written in the transaction of the change that it records.

use super::{
    Executor, Fault, Transaction, authenticators::Authenticator, challenges::Challenge,
    enrollments::Enrollment, grants::Grant, insert::insert, sessions::BrowserSession,
};
use crate::audit::{AuditContext, AuditEvent, AuditTarget, Target, about};
use ::entity::{
    audit_event::{Column, Entity, Model},
    ids::{AuditEventId, PersonId, WorkspaceId},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

pub use ::entity::audit_event::Model as AuditRow;

/// Writes one audit event.
///
/// # Errors
/// When the database does not answer; then the recorded change must not happen either.
pub async fn record(
    tx: &Transaction,
    id: AuditEventId,
    context: &AuditContext<'_>,
    event: &AuditEvent,
    about: &AuditTarget,
) -> Result<(), Fault> {
    let (detail, target) = (event.detail(), about.target());
    let row = Model {
        id,
        workspace_id: context.workspace,
        at: context.at,
        code: event.code().to_owned(),
        person_id: about.person_id(),
        client_key: about.client_key(),
        authenticator_id: about.device_id(),
        journey_id: about.journey_id(),
        address: context.address.map(|address| address.to_string()),
        agent: context.agent.map(str::to_owned),
        request_id: context.request_id.map(str::to_owned),
        reason: detail.get("reason").and_then(|reason| reason.as_str()).map(str::to_owned),
        detail,
        actor_kind: Some(context.actor.kind().to_owned()),
        actor_id: context.actor.id(),
        via: Some(context.via.as_str().to_owned()),
        target_kind: target.map(|target| target.kind().to_owned()),
        target_id: target.map(Target::id),
        result: Some(event.result().as_str().to_owned()),
        // No event so far is a change of fields.
        changes: None,
    };
    insert(tx, row).await
}

/// Describes an event about a device.
pub fn about_device(device: &Authenticator) -> AuditTarget {
    about(device.id()).person(device.person_id())
}

/// Describes an event about a challenge, and the device that has answered it.
pub fn about_challenge(challenge: &Challenge) -> AuditTarget {
    about(challenge.id())
        .person(challenge.person_id())
        .device(challenge.answered_by())
        .journey(challenge.journey_id())
}

/// Describes an event about an enrollment, and the device that has completed it.
pub fn about_enrollment(enrollment: &Enrollment) -> AuditTarget {
    about(enrollment.id())
        .person(enrollment.person_id())
        .device(enrollment.authenticator_id())
        .journey(enrollment.journey_id())
}

/// Describes an event about a grant.
pub fn about_grant(grant: &Grant) -> AuditTarget {
    about(grant.id).person(grant.person_id).client(grant.client_key)
}

/// Describes an event about a browser's session.
pub fn about_session(session: &BrowserSession) -> AuditTarget {
    about(session.id).person(session.person_id)
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
