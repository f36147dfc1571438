//! Writes audit events for the interfaces, in the caller's transaction and with the server's own ids.

use super::App;
use crate::{
    audit::{AuditEvent, AuditSource, AuditSubject},
    clock::Timestamp,
    storage::{
        Fault, Transaction,
        audit::{AuditLine, record},
    },
};
use ::entity::ids::AuditEventId;

impl App {
    /// Writes one audit event in `tx`.
    ///
    /// # Errors
    /// When the database does not answer; then the recorded change must not happen either.
    pub async fn audit(
        &self,
        tx: &Transaction,
        event: &AuditEvent,
        subject: AuditSubject,
        source: &AuditSource,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let workspace_id = self.directory.workspace().await?.id;
        let id = AuditEventId(self.entropy.id(now));
        record(tx, id, AuditLine { workspace_id, event, subject, source }, now).await
    }
}
