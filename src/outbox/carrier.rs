use super::envelope::Envelope;
use crate::clock::Timestamp;

/// Delivers envelopes to devices.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Sends the envelope once and returns the outcome.
    async fn carry(&self, envelope: &Envelope, now: Timestamp) -> Delivery;
}

/// The outcome of one send. The reasons are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The push service accepted it; only the device can tell whether it arrived (RFC 8030 §5).
    Accepted,
    /// The subscription no longer exists.
    Gone(String),
    /// The service is busy or did not answer; it may have asked for a later attempt.
    Later {
        /// The delay that the service asked for, in seconds.
        after_seconds: Option<i64>,
        /// The reason.
        reason: String,
    },
    /// The service refuses this subscription: the subscription may be dead, or the server's VAPID key or
    /// contact address may be wrong.
    Suspect(String),
    /// The envelope will never be accepted.
    Failed(String),
}
