use super::carrier::{Carrier, Delivery};
use super::envelope::{Body, Envelope, Subscription};
use super::guard::Guard;
use super::message_encryption::{Ephemeral, encrypt, pad};
use super::payload::PushMessage;
use super::push_answer::delivery;
use super::queue::{QueueError, log_error};
use crate::clock::Timestamp;
use crate::entropy::Entropy;
use crate::keys::{VapidKey, VapidKeys};
use ::entity::{enums::CarrierKind, ids::WorkspaceId};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use std::sync::Arc;

/// The minimum lifetime of a message at the push service, even when clocks differ.
const MIN_TTL_SECONDS: i64 = 10;

/// The VAPID keys, looked up at each send, so that a new one works without a restart.
#[async_trait::async_trait]
pub trait PushKeys: Send + Sync + 'static {
    /// Finds the key with this id that is not retired.
    async fn find_key(
        &self,
        workspace: Option<WorkspaceId>,
        kid: &str,
    ) -> Result<Option<Arc<VapidKey>>, QueueError>;
}

/// Keys that do not change.
#[async_trait::async_trait]
impl PushKeys for VapidKeys {
    async fn find_key(&self, _: Option<WorkspaceId>, kid: &str) -> Result<Option<Arc<VapidKey>>, QueueError> {
        Ok(self.find(kid).cloned())
    }
}

/// Delivers envelopes by Web Push (RFC 8030), which is also the protocol of UnifiedPush.
pub struct WebPush {
    guard: Arc<Guard>,
    keys: Arc<dyn PushKeys>,
    entropy: Arc<dyn Entropy>,
}

impl WebPush {
    /// Creates a carrier that sends through `guard` and authenticates with `keys`.
    pub fn new(guard: Arc<Guard>, keys: Arc<dyn PushKeys>, entropy: Arc<dyn Entropy>) -> Self {
        Self { guard, keys, entropy }
    }

    fn request(
        &self,
        (subscription, message): (&Subscription, &PushMessage),
        key: &VapidKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<http::Request<Vec<u8>>, anyhow::Error> {
        let address = &subscription.address;
        let record = pad(message.content.to_string().as_bytes())?;
        let sender = Ephemeral::new(self.entropy.bytes())?;
        let body = encrypt(address.p256dh(), address.auth(), &sender, record)?;
        let ttl = expires_at.seconds_since(now).max(MIN_TTL_SECONDS);
        Ok(http::Request::post(address.endpoint().as_str())
            .header(AUTHORIZATION, key.authorization(&address.origin(), now)?)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", ttl)
            // RFC 8030 §5.3: a person is waiting, so the message wakes the device.
            .header("urgency", "high")
            .header("topic", &message.topic)
            .body(body)?)
    }
}

#[async_trait::async_trait]
impl Carrier for WebPush {
    fn kind(&self) -> CarrierKind {
        CarrierKind::WebPush
    }

    fn host(&self, envelope: &Envelope) -> String {
        envelope.subscription().map(|subscription| subscription.address.origin()).unwrap_or_default()
    }

    async fn send(&self, envelope: &Envelope, now: Timestamp) -> Delivery {
        let (Some(subscription), Body::Push(message)) = (envelope.subscription(), &envelope.body) else {
            return Delivery::Failed("the row is no push message to a subscription".into());
        };
        let endpoint = subscription.address.endpoint();
        if let Err(refused) = self.guard.check_push_endpoint(endpoint) {
            return Delivery::Failed(refused.detail().into());
        }
        let kid = &subscription.vapid_kid;
        let key = match self.keys.find_key(envelope.workspace, kid).await {
            Ok(Some(key)) => key,
            Ok(None) => {
                return Delivery::Gone(format!("the VAPID key {kid} of the subscription no longer exists"));
            }
            Err(error) => {
                log_error(&error, "the VAPID keys could not be read");
                let reason = "the VAPID keys could not be read".to_owned();
                return Delivery::Later { after_seconds: None, reason };
            }
        };
        let request = match self.request((subscription, message), &key, envelope.expires_at, now) {
            Ok(request) => request,
            Err(error) => return Delivery::Failed(error.to_string().into()),
        };
        match self.guard.send(request).await {
            Ok(answer) => delivery(&answer, endpoint),
            Err(error) if error.is_refused() => Delivery::Failed(error.detail().into()),
            Err(error) => Delivery::Later { after_seconds: None, reason: error.detail().to_owned() },
        }
    }
}
