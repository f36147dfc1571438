//! How a face writes the audit trail: in its unit, with the house's own ids.

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
    /// Writes one line of the trail into `tx`.
    ///
    /// # Errors
    /// When the database does not answer: then what it tells of must not happen either.
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
