//! RFC 8030 (Web Push), RFC 8291 (its encryption), RFC 8292 (VAPID): the Web Push carrier against a strict
//! service.

use crate::support::push_service::{Fault, PushService, Subscription};
use ::entity::ids::{AuthenticatorId, ChallengeId, OutboxId};
use countersign::clock::{Clock, SystemClock, Timestamp};
use countersign::directory::SigningAlgorithm;
use countersign::entropy::{Entropy, SystemEntropy};
use countersign::keys::{SigningKey, VapidKey, VapidKeys};
use countersign::outbox::guard::{Guard, PushHosts};
use countersign::outbox::{
    Address, Body, Carrier, Delivery, Envelope, PushMessage, Subscription as To, WebPush, WebPushAddress,
    topic,
};
use std::sync::Arc;

struct Sender {
    service: PushService,
    carrier: WebPush,
    keys: VapidKeys,
}

fn vapid_key() -> VapidKey {
    let key = SigningKey::generate(SigningAlgorithm::ES256).unwrap();
    VapidKey::new(key, "mailto:operator@idp.example".to_owned()).unwrap()
}

fn carrier(opened: &[&str], keys: VapidKeys) -> WebPush {
    let opened = opened.iter().map(|origin| origin.parse().unwrap()).collect();
    let guard = Arc::new(Guard::new(opened, PushHosts::with(&[]).unwrap()));
    WebPush::new(guard, Arc::new(keys), Arc::new(SystemEntropy))
}

fn id(entropy: &dyn Entropy, now: Timestamp) -> AuthenticatorId {
    AuthenticatorId(entropy.id(now))
}

/// The message of an envelope.
fn message_of(envelope: &Envelope) -> &PushMessage {
    match &envelope.body {
        Body::Push(message) => message,
        Body::Email(letter) => panic!("a letter: {letter:?}"),
    }
}

/// The same envelope, to the same device by another key.
fn by_key(envelope: &Envelope, kid: &str) -> Envelope {
    let Address::WebPush(to) = &envelope.address else { panic!("{envelope:?}") };
    let address = Address::WebPush(To { vapid_kid: kid.to_owned(), ..to.clone() });
    Envelope { address, ..envelope.clone() }
}

impl Sender {
    async fn start() -> Self {
        let service = PushService::start().await;
        let keys = VapidKeys::new(vapid_key(), vec![]);
        let carrier = carrier(&[service.origin()], keys.clone());
        Self { service, carrier, keys }
    }

    fn subscribe(&self) -> Subscription {
        self.service.subscribe(self.keys.current().public_key())
    }

    fn envelope(&self, to: &Subscription, sign_in: &str, seconds: i64) -> Envelope {
        let now = SystemClock.now();
        let device = id(&SystemEntropy, now);
        let challenge = ChallengeId(id(&SystemEntropy, now).0);
        let expires_at = now.plus_seconds(seconds);
        let topic = topic(AuthenticatorId(Default::default()), sign_in);
        let message = PushMessage::challenge(
            "https://idp.example/authenticator/",
            challenge,
            device,
            expires_at,
            topic,
        );
        let address = WebPushAddress::parse(&to.endpoint, &to.p256dh, &to.auth).unwrap();
        let vapid_kid = self.keys.current().kid().to_owned();
        Envelope {
            id: OutboxId(id(&SystemEntropy, now).0),
            workspace: None,
            address: Address::WebPush(To { device, address, vapid_kid, ctr: 1 }),
            body: Body::Push(message),
            created_at: now,
            expires_at,
        }
    }

    async fn carry(&self, envelope: &Envelope) -> Delivery {
        self.carrier.send(envelope, SystemClock.now()).await
    }

    async fn send(&self, to: &Subscription) -> Delivery {
        self.carry(&self.envelope(to, "jrn_1", 90)).await
    }
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written_and_the_service_can_say_nothing_of_it() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    let envelope = sender.envelope(&device, "jrn_1", 90);
    assert_eq!(sender.carry(&envelope).await, Delivery::Accepted);
    let message = sender.service.next_message(&device).await;
    assert_eq!(message.content, message_of(&envelope).content);
    assert!((80..=90).contains(&message.ttl), "{}", message.ttl);
    assert_eq!(message.urgency.as_deref(), Some("high"));
    assert_eq!(message.topic.as_ref(), Some(&message_of(&envelope).topic));
    assert_eq!(message.body_length, 86 + 768 + 1 + 16);
}

#[tokio::test]
async fn a_newer_message_of_the_same_sign_in_replaces_the_one_that_waits() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    let sent = ["jrn_1", "jrn_1", "jrn_2"].map(|sign_in| sender.envelope(&device, sign_in, 90));
    for envelope in &sent {
        assert_eq!(sender.carry(envelope).await, Delivery::Accepted);
    }
    let waiting: Vec<_> = sender.service.take(&device).into_iter().map(|message| message.content).collect();
    assert_eq!(waiting, [message_of(&sent[1]).content.clone(), message_of(&sent[2]).content.clone()]);
    assert!(sender.service.messages(&device).is_empty());
}

#[tokio::test]
async fn a_message_that_is_nearly_over_is_still_given_ten_seconds() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    assert_eq!(sender.carry(&sender.envelope(&device, "jrn_1", 1)).await, Delivery::Accepted);
    assert_eq!(sender.service.next_message(&device).await.ttl, 10);
}

#[tokio::test]
async fn each_failure_of_a_service_is_understood() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    let elsewhere = sender.subscribe();
    for (fault, expected) in [
        (Fault::Status(404, ""), "gone"),
        (Fault::Status(410, ""), "gone"),
        (Fault::BadJwtToken, "suspect"),
        (Fault::Status(400, ""), "suspect"),
        (Fault::Status(413, ""), "failed"),
        (Fault::Redirect(elsewhere.endpoint.clone()), "failed"),
        (Fault::Busy(7), "later 7"),
        (Fault::Status(500, ""), "later"),
        (Fault::Status(503, ""), "later"),
        (Fault::Status(507, r#"{"code":50701}"#), "later"),
        (Fault::LikeNtfy, "accepted"),
        (Fault::Slow(50), "accepted"),
    ] {
        sender.service.script(&device, [fault.clone()]);
        let understood = match sender.send(&device).await {
            Delivery::Accepted => "accepted".to_owned(),
            Delivery::Gone(_) => "gone".to_owned(),
            Delivery::Later { after_seconds: Some(seconds), .. } => format!("later {seconds}"),
            Delivery::Later { after_seconds: None, .. } => "later".to_owned(),
            Delivery::Suspect(_) => "suspect".to_owned(),
            Delivery::Failed(_) => "failed".to_owned(),
        };
        assert_eq!(understood, expected, "{fault:?}");
    }
    assert_eq!(sender.service.attempts(&device), 12, "one request for each");
    assert_eq!(sender.service.attempts(&elsewhere), 0, "a redirect is not followed");
}

#[tokio::test]
async fn a_wiped_device_is_gone() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    assert_eq!(sender.send(&device).await, Delivery::Accepted);
    sender.service.unsubscribe(&device);
    assert!(matches!(sender.send(&device).await, Delivery::Gone(_)));
}

#[tokio::test]
async fn a_subscription_works_with_the_key_that_it_was_made_with_alone() {
    let service = PushService::start().await;
    let (current, older) = (vapid_key(), vapid_key());
    let (older_kid, older_public) = (older.kid().to_owned(), older.public_key().to_owned());
    let keys = VapidKeys::new(current, vec![older]);
    let sender = Sender { carrier: carrier(&[service.origin()], keys.clone()), service, keys };
    let device = sender.service.subscribe(&older_public);

    let by_the_current_key = sender.envelope(&device, "jrn_1", 90);
    let refusal = sender.carry(&by_the_current_key).await;
    assert!(matches!(&refusal, Delivery::Suspect(reason) if reason.contains("another key")), "{refusal:?}");
    let by_its_own = by_key(&by_the_current_key, &older_kid);
    assert_eq!(sender.carry(&by_its_own).await, Delivery::Accepted);
    let by_none = by_key(&by_the_current_key, "withdrawn");
    assert!(matches!(sender.carry(&by_none).await, Delivery::Gone(_)));
}

#[tokio::test]
async fn a_token_from_another_time_is_refused() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    let envelope = sender.envelope(&device, "jrn_1", 90);
    let now = SystemClock.now();
    for (hours, is_accepted) in [(0, true), (-13, false), (13, false)] {
        let keys = VapidKeys::new(vapid_key(), vec![]);
        let device = sender.service.subscribe(keys.current().public_key());
        let address = WebPushAddress::parse(&device.endpoint, &device.p256dh, &device.auth).unwrap();
        let mut envelope = by_key(&envelope, keys.current().kid());
        if let Address::WebPush(to) = &mut envelope.address {
            to.address = address;
        }
        let carrier = carrier(&[sender.service.origin()], keys);
        let delivery = carrier.send(&envelope, now.plus_seconds(hours * 3600)).await;
        assert_eq!(delivery == Delivery::Accepted, is_accepted, "{hours} {delivery:?}");
    }
}

#[tokio::test]
async fn a_message_for_another_devices_keys_is_not_read() {
    let sender = Sender::start().await;
    let (one, two) = (sender.subscribe(), sender.subscribe());
    let mut mixed = one.clone();
    mixed.p256dh.clone_from(&two.p256dh);
    let refusal = sender.send(&mixed).await;
    assert!(
        matches!(&refusal, Delivery::Suspect(reason) if reason.contains("not encrypted for")),
        "{refusal:?}"
    );
    assert_eq!(sender.send(&one).await, Delivery::Accepted);
}

#[tokio::test]
async fn a_service_that_is_not_opened_is_not_even_asked() {
    let sender = Sender::start().await;
    let device = sender.subscribe();
    let envelope = sender.envelope(&device, "jrn_1", 90);
    let closed = carrier(&[], sender.keys.clone());
    assert!(matches!(closed.send(&envelope, SystemClock.now()).await, Delivery::Failed(_)));
    assert_eq!(sender.service.attempts(&device), 0);
    assert_eq!(sender.carry(&envelope).await, Delivery::Accepted);
}
