//! Ids and a subscription for the tests of this module.

use super::{envelope::Subscription, web_push_address::WebPushAddress};
use ::entity::ids::{AuthenticatorId, ChallengeId, OutboxId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub(super) fn device(number: u128) -> AuthenticatorId {
    text("dev", number).parse().unwrap()
}

pub(super) fn challenge(number: u128) -> ChallengeId {
    text("ch", number).parse().unwrap()
}

pub(super) fn row(number: u128) -> OutboxId {
    text("out", number).parse().unwrap()
}

/// A subscription of this device.
pub(super) fn subscription(device: AuthenticatorId) -> Subscription {
    let address = WebPushAddress::parse(
        "https://push.example/1",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    );
    Subscription { device, address: address.unwrap(), vapid_kid: "kid".to_owned(), ctr: 1 }
}

fn text(prefix: &str, number: u128) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(number.to_be_bytes()))
}
