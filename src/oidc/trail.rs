//! Audit events of requests by clients.

use super::call::Call;
use crate::{
    audit::{AuditEvent, AuditSource, AuditSubject},
    limits::sizes::MAX_USER_AGENT_CHARS,
    storage::{Fault, Transaction, grants::Grant},
};

/// Writes `event` in the transaction of the change that it records.
pub(super) async fn note(
    call: &Call<'_>,
    tx: &Transaction,
    subject: AuditSubject,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let agent = call.request.header(http::header::USER_AGENT);
    let source = AuditSource {
        address: Some(call.source().address.to_string()),
        agent: agent.map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
        request_id: Some(call.id().to_string()),
    };
    call.app.audit(tx, event, subject, &source, call.now).await
}

/// Writes an event about a grant.
pub(super) async fn note_of_grant(
    call: &Call<'_>,
    tx: &Transaction,
    grant: &Grant,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let subject = AuditSubject {
        person: Some(grant.person_id),
        client: Some(grant.client_key),
        ..AuditSubject::default()
    };
    note(call, tx, subject, event).await
}
