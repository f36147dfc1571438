//! A phone of a fixture, with the private keys and counters from when the fixture was made.
//!
//! Spec: WebAuthn §6.1 (authenticator data) and §6.3.3 (assertions).

use super::{Account, Phone, passkey::Passkey};
use crate::support::{fixed_clock::FixedClock, http_client::HttpClient, signing_key::SigningKey};
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// User present, user verified, and a signature counter that is not kept.
const PRESENT_AND_VERIFIED: [u8; 5] = [0b101, 0, 0, 0, 0];

impl Phone {
    /// The phone that a fixture describes as `kept`; `origin` is that of the authenticator's URL.
    pub fn kept(http_client: HttpClient, clock: FixedClock, origin: &str, kept: &Value) -> Self {
        let text = |name: &str| kept[name].as_str().map(str::to_owned);
        let key = STANDARD.decode(text("key").expect("a key")).expect("base64");
        let account = text("device_id").map(|device_id| Account {
            issuer: text("issuer").expect("an issuer"),
            device_id,
            otpauth_uri: text("otpauth_uri"),
        });
        let passkey = Some(&kept["passkey"]).filter(|passkey| !passkey.is_null());
        Self {
            key: SigningKey::from_pkcs8(&key),
            counter: kept["counter"].as_u64().expect("a counter"),
            passkey: passkey.map(|kept| Passkey::kept(origin, KeptPasskey::read(kept))),
            account,
            ..Self::new(http_client, clock, origin)
        }
    }
}

/// A platform credential with a known private key.
pub struct KeptPasskey {
    origin: String,
    id: String,
    key: EcdsaKeyPair,
}

impl KeptPasskey {
    fn read(kept: &Value) -> Self {
        let text = |name: &str| kept[name].as_str().expect("a text").to_owned();
        let key = STANDARD.decode(text("key")).expect("base64");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key).expect("PKCS #8");
        Self { origin: text("origin"), id: text("id"), key }
    }

    /// The members `id`, `ad`, `cd` and `sig` of an answer's `uv`, for options without a challenge.
    pub(super) fn verify_user(&self, options: &Value, challenge: &[u8]) -> Value {
        let rp_id = options["rpId"].as_str().expect("a relying party");
        let rp_id_hash = digest(&SHA256, rp_id.as_bytes());
        let data = [rp_id_hash.as_ref(), &PRESENT_AND_VERIFIED].concat();
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let client_data = json!({"type": "webauthn.get", "challenge": challenge, "origin": self.origin});
        let client_data = client_data.to_string();
        let signed = [&data[..], digest(&SHA256, client_data.as_bytes()).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": self.id,
            "ad": URL_SAFE_NO_PAD.encode(data),
            "cd": URL_SAFE_NO_PAD.encode(client_data),
            "sig": URL_SAFE_NO_PAD.encode(signature.as_ref()),
        })
    }
}
