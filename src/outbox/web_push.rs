use super::carrier::{Carrier, Delivery};
use super::envelope::Envelope;
use super::guard::Guard;
use super::message_encryption::{Ephemeral, encrypt, pad};
use super::push_answer::delivery;
use crate::clock::Timestamp;
use crate::entropy::Entropy;
use crate::keys::VapidKeys;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use std::sync::Arc;

/// The minimum lifetime of a message at the push service, even when clocks differ.
const MIN_TTL_SECONDS: i64 = 10;

/// Delivers envelopes by Web Push (RFC 8030), which is also the protocol of UnifiedPush.
pub struct WebPush {
    guard: Arc<Guard>,
    keys: VapidKeys,
    entropy: Arc<dyn Entropy>,
}

impl WebPush {
    /// Creates a carrier that sends through `guard` and authenticates with `keys`.
    pub fn new(guard: Arc<Guard>, keys: VapidKeys, entropy: Arc<dyn Entropy>) -> Self {
        Self { guard, keys, entropy }
    }

    fn request(&self, envelope: &Envelope, now: Timestamp) -> Result<http::Request<Vec<u8>>, anyhow::Error> {
        let address = &envelope.address;
        let key = self.keys.find(&envelope.vapid_kid).ok_or_else(|| {
            anyhow::anyhow!("the VAPID key {} of the subscription no longer exists", envelope.vapid_kid)
        })?;
        let record = pad(envelope.message.content.to_string().as_bytes())?;
        let sender = Ephemeral::new(self.entropy.bytes())?;
        let body = encrypt(address.p256dh(), address.auth(), &sender, record)?;
        let ttl = envelope.expires_at.seconds_since(now).max(MIN_TTL_SECONDS);
        Ok(http::Request::post(address.endpoint().as_str())
            .header(AUTHORIZATION, key.authorization(&address.origin(), now)?)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", ttl)
            // RFC 8030 §5.3: a person is waiting, so the message wakes the device.
            .header("urgency", "high")
            .header("topic", &envelope.message.topic)
            .body(body)?)
    }
}

#[async_trait::async_trait]
impl Carrier for WebPush {
    async fn carry(&self, envelope: &Envelope, now: Timestamp) -> Delivery {
        if let Err(refused) = self.guard.check_push_endpoint(envelope.address.endpoint()) {
            return Delivery::Failed(refused.detail().to_owned());
        }
        let request = match self.request(envelope, now) {
            Ok(request) => request,
            Err(error) => return Delivery::Failed(error.to_string()),
        };
        match self.guard.send(request).await {
            Ok(answer) => delivery(&answer, envelope.address.endpoint()),
            Err(error) if error.is_refused() => Delivery::Failed(error.detail().to_owned()),
            Err(error) => Delivery::Later { after_seconds: None, reason: error.detail().to_owned() },
        }
    }
}
