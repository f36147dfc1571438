use crate::clock::Timestamp;
use crate::factors::push::{OutboxTransition, TransportTransition};
use crate::fault::Fault;
use crate::storage::outbox::{LeasedRow, Recipient};
use ::entity::enums::CarrierKind;
use ::entity::ids::{AuthenticatorId, OutboxId, WorkspaceId};

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
    /// Leases up to `limit` waiting rows of the carrier that are due and not leased, for `lease_seconds`; no other
    /// dispatcher gets them before. Includes rows past their expiry, which are then finished.
    async fn lease_due(
        &self,
        carrier: CarrierKind,
        (now, limit): (Timestamp, usize),
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError>;

    /// Finds the device's transport, unless it is gone.
    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError>;

    /// Finishes a row, with everything that follows from its outcome.
    async fn finish(&self, finished: Finished) -> Result<(), QueueError>;

    /// Counts an attempt and queues the row again, not before `not_before`.
    async fn retry(
        &self,
        row: (OutboxId, CarrierKind),
        not_before: Timestamp,
        error: String,
    ) -> Result<(), QueueError>;

    /// Returns when the next waiting row of the carrier is due or its lease ends, whichever is later; `None` when no
    /// row waits.
    async fn next_due(&self, carrier: CarrierKind) -> Result<Option<Timestamp>, QueueError>;
}

/// A device's transport, as it is stored.
#[derive(Clone, Debug)]
pub struct Transport {
    /// A sealed [`WebPushAddress`](super::WebPushAddress).
    pub address: Vec<u8>,
    /// The VAPID key with which the subscription was created.
    pub vapid_kid: String,
    /// The counter of its registration.
    pub ctr: i64,
}

/// A row that needs no further attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The row.
    pub id: OutboxId,
    /// Its workspace; `None` in a row of an earlier version.
    pub workspace: Option<WorkspaceId>,
    /// Its recipient, if the row names one.
    pub recipient: Option<Recipient>,
    /// The outcome of the row.
    pub outcome: OutboxTransition,
    /// The outcome for the transport with this counter.
    pub transport: Option<(i64, TransportTransition)>,
    /// The kind of a letter.
    pub letter: Option<&'static str>,
    /// The word of the audit log for a failure; empty for a success.
    pub code: &'static str,
    /// The reason, for the operator.
    pub error: Option<String>,
    /// The time of the outcome.
    pub at: Timestamp,
}
