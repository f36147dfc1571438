//! One use case: the right to it, its write transaction and its audit events.

use super::{ActionError, Right};
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, AuditTarget},
    fault::Fault,
    storage::Transaction,
};

/// An open write transaction of one use case. Dropped without [`Action::commit`], it is rolled back.
pub struct Action<'a> {
    pub(super) app: &'a App,
    pub(super) context: &'a RequestContext,
    pub(super) tx: Transaction,
}

impl<'a> Action<'a> {
    /// Checks that the context's actor has `right`, and opens the write transaction.
    ///
    /// # Errors
    /// [`ActionError::Forbidden`] for another actor; a fault when the database does not answer.
    pub async fn begin(app: &'a App, context: &'a RequestContext, right: Right) -> Result<Self, ActionError> {
        right.check(context.actor)?;
        Ok(Self { app, context, tx: app.storage.begin().await? })
    }

    /// Returns the open transaction.
    pub fn transaction(&self) -> &Transaction {
        &self.tx
    }

    /// Writes one audit event, with the context's actor and interface.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit(&self, event: &AuditEvent, about: AuditTarget) -> Result<(), Fault> {
        self.app.audit(&self.tx, self.context, event, about).await
    }

    /// Commits everything that the use case wrote.
    ///
    /// # Errors
    /// When the database did not confirm: then nothing may be acknowledged.
    pub async fn commit(self) -> Result<(), Fault> {
        self.tx.commit().await
    }
}
