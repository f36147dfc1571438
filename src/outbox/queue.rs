use crate::clock::Timestamp;
use ::entity::ids::{AuthenticatorId, OutboxId};
use ::entity::outbox::OutboxState;
use ::entity::transport::TransportState;

/// Why the ledger could not be read or written.
pub type QueueError = Box<dyn std::error::Error + Send + Sync>;

/// The outbox table, as the worker needs it.
#[async_trait::async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Takes up to `limit` queued rows that are due and not leased, and leases them: nobody else gets them before
    /// `lease_seconds` have passed. Rows past their expiry are among them, to be closed.
    async fn lease_due(
        &self,
        now: Timestamp,
        limit: usize,
        lease_seconds: i64,
    ) -> Result<Vec<LeasedRow>, QueueError>;

    /// The way to a device, if there is one that is worth trying.
    async fn transport_for(&self, device: AuthenticatorId) -> Result<Option<Transport>, QueueError>;

    /// Closes a row.
    async fn finish(&self, id: OutboxId, state: OutboxState, error: Option<String>)
    -> Result<(), QueueError>;

    /// Counts an attempt and gives the row back until `not_before`.
    async fn retry(&self, id: OutboxId, not_before: Timestamp, error: String) -> Result<(), QueueError>;

    /// Notes what was learned about the way to a device.
    async fn mark_transport(
        &self,
        device: AuthenticatorId,
        state: TransportState,
        error: Option<String>,
        now: Timestamp,
    ) -> Result<(), QueueError>;

    /// When the next queued row is due or its lease ends, whichever is later; nothing while none is queued.
    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError>;
}

/// A row that was leased.
#[derive(Clone, Debug)]
pub struct LeasedRow {
    /// The row.
    pub id: OutboxId,
    /// Whom it is for.
    pub device: Option<AuthenticatorId>,
    /// A [`PushMessage`](super::PushMessage) as JSON.
    pub payload: serde_json::Value,
    /// Attempts so far.
    pub attempts: i32,
    /// After this it is worth nothing.
    pub expires_at: Timestamp,
}

/// The way to a device, as it is stored.
#[derive(Clone, Debug)]
pub struct Transport {
    /// A sealed [`WebPushAddress`](super::WebPushAddress).
    pub address: Vec<u8>,
    /// The key that the subscription was made with.
    pub vapid_kid: String,
}
