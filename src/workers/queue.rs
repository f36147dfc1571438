//! Implements the dispatcher's queue on the outbox table.

use crate::{
    clock::Timestamp,
    factors::push::{OutboxTransition, TransportTransition},
    outbox::{Queue, QueueError, Transport},
    storage::{
        Storage,
        outbox::{self, LeasedRow},
        transports,
    },
};
use ::entity::ids::{AuthenticatorId, OutboxId};

/// A queue in the database.
pub(super) struct StorageQueue(pub(super) Storage);

#[async_trait::async_trait]
impl Queue for StorageQueue {
    async fn lease_due(
        &self,
        now: Timestamp,
        limit: usize,
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError> {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        Ok(outbox::lease_due(&self.0, now, limit, now.plus_seconds(lease_seconds)).await?)
    }

    /// A transport that is gone is not returned; a suspect one is still tried.
    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError> {
        let found = transports::find(&self.0, device).await?;
        let address =
            found.filter(transports::Transport::is_reachable).and_then(transports::Transport::into_address);
        Ok(address.map(|(address, vapid_kid)| Transport { address, vapid_kid }))
    }

    async fn finish(
        &self,
        id: OutboxId,
        outcome: OutboxTransition,
        error: Option<String>,
    ) -> Result<(), QueueError> {
        let tx = self.0.begin().await?;
        outbox::finish(&tx, id, outcome, error.as_deref()).await?;
        Ok(tx.commit().await?)
    }

    async fn retry(&self, id: OutboxId, not_before: Timestamp, error: String) -> Result<(), QueueError> {
        let tx = self.0.begin().await?;
        outbox::retry(&tx, id, not_before, &error).await?;
        Ok(tx.commit().await?)
    }

    async fn mark_transport(
        &self,
        device: AuthenticatorId,
        outcome: TransportTransition,
        error: Option<String>,
        now: Timestamp,
    ) -> Result<(), QueueError> {
        let tx = self.0.begin().await?;
        transports::note(&tx, device, outcome, error.as_deref(), now).await?;
        Ok(tx.commit().await?)
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError> {
        Ok(outbox::next_due(&self.0).await?)
    }
}
