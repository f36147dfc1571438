use crate::clock::Timestamp;
use crate::factors::push::{OutboxTransition, TransportTransition};
use crate::fault::Fault;
use crate::storage::outbox::LeasedRow;
use ::entity::ids::{AuthenticatorId, OutboxId};

/// Why the queue could not be read or written.
pub type QueueError = Box<dyn std::error::Error + Send + Sync>;

/// Logs `error` with the failed action `what`. Storage logs an unavailable database once, so that fault is
/// logged at `debug`.
pub(super) fn log_error(error: &QueueError, what: &str) {
    match error.downcast_ref::<Fault>() {
        Some(fault) => fault.log(what),
        None => tracing::error!(%error, "{what}"),
    }
}

/// The outbox table, as the dispatcher uses it.
#[async_trait::async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Leases up to `limit` queued rows that are due and not leased, for `lease_seconds`; no other dispatcher
    /// gets them before. Includes rows past their expiry, which are then finished.
    async fn lease_due(
        &self,
        now: Timestamp,
        limit: usize,
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError>;

    /// Finds the device's transport, unless it is gone.
    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError>;

    /// Finishes a row.
    async fn finish(
        &self,
        id: OutboxId,
        outcome: OutboxTransition,
        error: Option<String>,
    ) -> Result<(), QueueError>;

    /// Counts an attempt and queues the row again, not before `not_before`.
    async fn retry(&self, id: OutboxId, not_before: Timestamp, error: String) -> Result<(), QueueError>;

    /// Records the outcome for a device's transport.
    async fn mark_transport(
        &self,
        device: AuthenticatorId,
        outcome: TransportTransition,
        error: Option<String>,
        now: Timestamp,
    ) -> Result<(), QueueError>;

    /// Returns when the next queued row is due or its lease ends, whichever is later; `None` when no row is
    /// queued.
    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError>;
}

/// A device's transport, as it is stored.
#[derive(Clone, Debug)]
pub struct Transport {
    /// A sealed [`WebPushAddress`](super::WebPushAddress).
    pub address: Vec<u8>,
    /// The VAPID key with which the subscription was created.
    pub vapid_kid: String,
}
