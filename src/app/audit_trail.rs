//! Writes audit events in the caller's transaction, with ids of the server.

use super::{App, RequestContext};
use crate::{
    audit::{AuditEvent, AuditTarget},
    fault::Fault,
    storage::{Transaction, audit::record},
};
use ::entity::ids::AuditEventId;

impl App {
    /// Writes one audit event in `tx`: in the context's workspace, with its actor and interface.
    ///
    /// # Errors
    /// When the database does not answer; then the recorded change must not happen either.
    pub async fn audit(
        &self,
        tx: &Transaction,
        context: &RequestContext,
        event: &AuditEvent,
        about: AuditTarget,
    ) -> Result<(), Fault> {
        let id = AuditEventId(self.entropy.id(context.now));
        record(tx, id, &context.audit(), event, &about).await
    }
}
