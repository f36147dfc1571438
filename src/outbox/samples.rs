//! Ids for the tests of this module.

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

fn text(prefix: &str, number: u128) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(number.to_be_bytes()))
}
