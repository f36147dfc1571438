use super::envelope::Envelope;
use crate::clock::Timestamp;

/// What brings an envelope to a device.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Hands the envelope over once, and says what came of it.
    async fn carry(&self, envelope: &Envelope, now: Timestamp) -> Delivery;
}

/// What came of handing an envelope over. The reasons are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The push service has it; whether the device does, only the device can say (RFC 8030 §5).
    Accepted,
    /// The subscription is no more.
    Gone(String),
    /// Not now: the service is busy or did not answer, and perhaps said when to come back.
    Later {
        /// Not before so many seconds.
        after_seconds: Option<i64>,
        /// What happened.
        reason: String,
    },
    /// The service refuses us for this subscription: it may be dead, or our key or contact may be wrong.
    Suspect(String),
    /// This envelope will never be taken.
    Failed(String),
}
