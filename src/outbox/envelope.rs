use super::payload::PushMessage;
use super::web_push_address::WebPushAddress;
use crate::clock::Timestamp;

/// Something to be brought to one device.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Where it goes.
    pub address: WebPushAddress,
    /// The key that the subscription was made with.
    pub vapid_kid: String,
    /// What is inside.
    pub message: PushMessage,
    /// After this it is worth nothing.
    pub expires_at: Timestamp,
}
