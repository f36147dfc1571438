//! Implements the dispatcher's queue on the outbox table, and finds the keys of its push messages.

use crate::{
    actions::deliveries,
    app::{App, Tenant},
    clock::Timestamp,
    fault::Fault,
    keys::VapidKey,
    outbox::{Finished, PushKeys, Queue, QueueError, Transport},
    storage::{
        outbox::{self, CarrierKind, LeasedRow},
        transports,
    },
};
use ::entity::ids::{AuthenticatorId, OutboxId, WorkspaceId};
use std::sync::Arc;

/// A queue in the database.
pub(super) struct StorageQueue(pub(super) Arc<App>);

#[async_trait::async_trait]
impl Queue for StorageQueue {
    async fn lease_due(
        &self,
        carrier: CarrierKind,
        (now, limit): (Timestamp, usize),
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError> {
        let storage = &self.0.storage;
        // Letters are rare, and each wake is about a push message: a read is cheaper than a write transaction.
        if carrier != CarrierKind::WebPush
            && outbox::next_due(storage, carrier).await?.is_none_or(|due| due > now)
        {
            return Ok(Vec::new());
        }
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        Ok(outbox::lease_due(storage, carrier, (now, limit), now.plus_seconds(lease_seconds)).await?)
    }

    /// A transport that is gone is not returned; a suspect one is still tried.
    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError> {
        let found = transports::find(&self.0.storage, device).await?;
        let reachable = found.filter(transports::Transport::is_reachable);
        Ok(reachable.and_then(|transport| {
            let ctr = transport.ctr();
            let (address, vapid_kid) = transport.into_address()?;
            Some(Transport { address, vapid_kid, ctr })
        }))
    }

    async fn finish(&self, finished: Finished) -> Result<(), QueueError> {
        let context = self.0.worker_context_of(tenant_of(&self.0, finished.workspace).await?);
        Ok(deliveries::finish(&self.0, &context, &finished).await.map_err(|error| error.into_fault())?)
    }

    async fn retry(
        &self,
        row: (OutboxId, CarrierKind),
        not_before: Timestamp,
        error: String,
    ) -> Result<(), QueueError> {
        let tx = self.0.storage.begin().await?;
        outbox::retry(&tx, row, not_before, &error).await?;
        Ok(tx.commit().await?)
    }

    async fn next_due(&self, carrier: CarrierKind) -> Result<Option<Timestamp>, QueueError> {
        Ok(outbox::next_due(&self.0.storage, carrier).await?)
    }
}

/// The VAPID keys as they are now.
pub(super) struct CurrentKeys(pub(super) Arc<App>);

#[async_trait::async_trait]
impl PushKeys for CurrentKeys {
    async fn find_key(
        &self,
        workspace: Option<WorkspaceId>,
        kid: &str,
    ) -> Result<Option<Arc<VapidKey>>, QueueError> {
        let tenant = tenant_of(&self.0, workspace).await?;
        Ok(tenant.directory.find_vapid_key(kid).await?)
    }
}

/// Gets the tenant of a row. A row of an earlier version names none: there was only the one that is served at the root.
async fn tenant_of(app: &App, workspace: Option<WorkspaceId>) -> Result<Arc<Tenant>, Fault> {
    match workspace {
        Some(id) => app.directory.with_id(id).await,
        None => app.directory.root().await,
    }
}
