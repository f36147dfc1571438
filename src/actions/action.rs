//! One use case: the right to it, its write transaction and its audit events.

use super::{ActionError, Right};
use crate::{
    app::{App, RequestContext},
    audit::{Actor, AuditEvent, AuditTarget},
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
    /// Checks that the context's actor has `right`, and opens the write transaction. A request whose caller has proved
    /// nothing is counted, because one writer serves all: no source may take it from the others.
    ///
    /// # Errors
    /// [`ActionError::Forbidden`] for another actor; [`ActionError::Limited`] when the source has caused too many writes
    /// without a proof; a fault when the database does not answer.
    pub async fn begin(app: &'a App, context: &'a RequestContext, right: Right) -> Result<Self, ActionError> {
        right.check(context.actor)?;
        if context.actor == Actor::Anonymous && context.source.is_some() {
            app.anonymous_writes.take(context.rate_limit_prefix(), context.now)?;
        }
        Ok(Self { app, context, tx: app.storage.begin().await? })
    }

    /// Opens the write transaction of a use case that anyone may perform, for a caller whose proof the use case knows
    /// although the context does not name its person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn begin_after_proof(app: &'a App, context: &'a RequestContext) -> Result<Self, Fault> {
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
