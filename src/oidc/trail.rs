//! What the audit trail keeps of a call.

use super::call::Call;
use crate::{
    audit::{AuditEvent, AuditSubject},
    storage::{
        Fault, Unit,
        audit::{AuditRow, record},
        grants::Grant,
    },
};
use ::entity::ids::{AuditEventId, WorkspaceId};

/// The longest name of a program that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// Notes `event` in the transaction of what it tells of.
pub(super) async fn note(
    call: &Call<'_>,
    unit: &Unit,
    workspace: WorkspaceId,
    subject: AuditSubject,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let agent = call.request.header(http::header::USER_AGENT);
    let line = AuditRow {
        id: AuditEventId(call.app.entropy.id(call.now)),
        workspace_id: workspace,
        at: call.now,
        code: event.code().to_owned(),
        person_id: subject.person,
        client_key: subject.client,
        authenticator_id: subject.authenticator,
        journey_id: subject.journey,
        address: Some(call.source().address.to_string()),
        agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()),
        request_id: Some(call.id().to_string()),
        detail: event.detail(),
    };
    record(unit, line).await
}

/// Notes what happened to a grant.
pub(super) async fn note_of_grant(
    call: &Call<'_>,
    unit: &Unit,
    grant: &Grant,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let subject = AuditSubject {
        person: Some(grant.person_id),
        client: Some(grant.client_key),
        ..AuditSubject::default()
    };
    note(call, unit, grant.workspace_id, subject, event).await
}
