use super::envelope::Envelope;
use crate::clock::Timestamp;
use ::entity::enums::CarrierKind;
use std::{collections::BTreeMap, sync::Arc};

/// Delivers envelopes of one kind.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// The kind.
    fn kind(&self) -> CarrierKind;

    /// The host that the envelope is sent to, with scheme and port: after failures it is paused for all envelopes.
    fn host(&self, envelope: &Envelope) -> String;

    /// Sends the envelope once and returns the outcome.
    async fn send(&self, envelope: &Envelope, now: Timestamp) -> Delivery;
}

/// The carriers of this server, at most one of each kind.
#[derive(Clone, Default)]
pub struct Carriers(BTreeMap<CarrierKind, Arc<dyn Carrier>>);

impl Carriers {
    /// Adds a carrier.
    #[must_use]
    pub fn with(mut self, carrier: Arc<dyn Carrier>) -> Self {
        self.0.insert(carrier.kind(), carrier);
        self
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<dyn Carrier>> {
        self.0.values()
    }
}

/// The outcome of one send. The reasons are for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The push service or the mail server accepted it; only the recipient can tell whether it arrived (RFC 8030 §5,
    /// RFC 5321 §6.1).
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
    Failed(Failure),
}

/// Why an envelope will never be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The word of the audit log.
    pub code: &'static str,
    /// The reason for the operator.
    pub reason: String,
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self { code: "refused", reason }
    }
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        reason.to_owned().into()
    }
}
