use super::letter::EmailMessage;
use super::payload::PushMessage;
use super::web_push_address::WebPushAddress;
use crate::clock::Timestamp;
use ::entity::ids::{AuthenticatorId, OutboxId, WorkspaceId};

/// A message with its address.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// The row of the outbox, the same at each attempt.
    pub id: OutboxId,
    /// The workspace; `None` in a row of an earlier version.
    pub workspace: Option<WorkspaceId>,
    /// The address.
    pub address: Address,
    /// The message.
    pub body: Body,
    /// The time of its cause.
    pub created_at: Timestamp,
    /// The time after which it is useless.
    pub expires_at: Timestamp,
}

/// The address of an envelope.
#[derive(Clone, Debug)]
pub enum Address {
    /// A subscription for Web Push.
    WebPush(Subscription),
    /// An email address, as the person's claims have it.
    Email(String),
}

/// A device's subscription for Web Push.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The device.
    pub device: AuthenticatorId,
    /// The subscription.
    pub address: WebPushAddress,
    /// The VAPID key with which the subscription was created.
    pub vapid_kid: String,
    /// The counter of its registration.
    pub ctr: i64,
}

/// The message of an envelope.
#[derive(Clone, Debug)]
pub enum Body {
    /// A push message.
    Push(PushMessage),
    /// A letter.
    Email(EmailMessage),
}

impl Envelope {
    /// Returns the subscription of a push message.
    pub(super) fn subscription(&self) -> Option<&Subscription> {
        match &self.address {
            Address::WebPush(subscription) => Some(subscription),
            Address::Email(_) => None,
        }
    }
}
