use super::payload::PushMessage;
use super::web_push_address::WebPushAddress;
use crate::clock::Timestamp;

/// A message addressed to one device.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The subscription that it is sent to.
    pub address: WebPushAddress,
    /// The VAPID key with which the subscription was created.
    pub vapid_kid: String,
    /// The message.
    pub message: PushMessage,
    /// The time after which it is useless.
    pub expires_at: Timestamp,
}
