use crate::digest::sha256;
use crate::keys::Sealer;
use crate::storage::stored::{self, Stored};
use ::entity::ids::AuthenticatorId;
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use url::Url;

/// UnifiedPush limits endpoints to this length.
const MAX_ENDPOINT_BYTES: usize = 1000;

/// A push subscription: its endpoint, and the keys with which its messages are encrypted (RFC 8291 §2).
#[derive(Clone, PartialEq, Eq)]
pub struct WebPushAddress {
    endpoint: Url,
    p256dh: [u8; 65],
    auth: [u8; 16],
}

/// Its form inside the sealed column.
#[derive(Serialize, Deserialize)]
struct SealedSubscription {
    endpoint: String,
    p256dh: String,
    auth: String,
}

impl Stored for SealedSubscription {
    const PLACE: &'static str = "transport.address";
}

/// Why the values are no subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a URL, or longer than the limit.
    #[error("expected `endpoint` to be a URL of at most 1000 bytes")]
    Endpoint,
    /// Not a point of P-256.
    #[error("expected `p256dh` to be an uncompressed point of P-256: 65 bytes in 87 characters of base64url")]
    P256dh,
    /// Not 16 bytes.
    #[error("expected `auth` to be 16 bytes in 22 characters of base64url")]
    Auth,
}

impl WebPushAddress {
    /// Parses the members of a browser's `PushSubscription`; the guard decides whether the server may send to
    /// it.
    pub fn parse(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, AddressError> {
        if endpoint.len() > MAX_ENDPOINT_BYTES {
            return Err(AddressError::Endpoint);
        }
        let endpoint = Url::parse(endpoint).map_err(|_| AddressError::Endpoint)?;
        let p256dh: [u8; 65] = bytes(p256dh).ok_or(AddressError::P256dh)?;
        ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, p256dh))
            .map_err(|_| AddressError::P256dh)?;
        let auth = bytes(auth).ok_or(AddressError::Auth)?;
        Ok(Self { endpoint, p256dh, auth })
    }

    /// Returns the endpoint.
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The scheme, host and port of the push service.
    pub fn origin(&self) -> String {
        self.endpoint.origin().ascii_serialization()
    }

    /// Returns the device's public key.
    pub fn p256dh(&self) -> &[u8; 65] {
        &self.p256dh
    }

    /// Returns the secret shared with the device.
    pub fn auth(&self) -> &[u8; 16] {
        &self.auth
    }

    /// Identifies the endpoint without revealing it: equal for equal endpoints.
    pub fn endpoint_hash(&self) -> [u8; 32] {
        sha256(self.endpoint.as_str())
    }

    /// Seals the subscription for storage, bound to `device`, so that a reader of the table cannot send to
    /// it.
    pub fn seal(&self, sealer: &Sealer, device: AuthenticatorId) -> Vec<u8> {
        let subscription = SealedSubscription {
            endpoint: self.endpoint.to_string(),
            p256dh: URL_SAFE_NO_PAD.encode(self.p256dh),
            auth: URL_SAFE_NO_PAD.encode(self.auth),
        };
        let document = stored::write(&subscription).unwrap_or_default();
        sealer.seal(&purpose(device), document.to_string().as_bytes())
    }

    /// Opens a subscription that was sealed for `device`.
    pub fn open(sealer: &Sealer, device: AuthenticatorId, sealed: &[u8]) -> Option<Self> {
        let opened = serde_json::from_slice(&sealer.open(&purpose(device), sealed)?).ok()?;
        let SealedSubscription { endpoint, p256dh, auth } = stored::read(opened).ok()?;
        Self::parse(&endpoint, &p256dh, &auth).ok()
    }
}

impl std::fmt::Debug for WebPushAddress {
    /// Shows only the service, because the endpoint's path is a capability.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WebPushAddress({})", self.origin())
    }
}

fn purpose(device: AuthenticatorId) -> String {
    format!("push subscription of {device}")
}

/// Browsers write base64url without padding; some libraries add it.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SealingKey;
    use crate::outbox::samples::device;

    /// RFC 8291 §5.
    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const ENDPOINT: &str = "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV";

    #[test]
    fn a_subscription_is_read_with_or_without_padding() {
        let address = WebPushAddress::parse(ENDPOINT, P256DH, AUTH).unwrap();
        let padded = WebPushAddress::parse(ENDPOINT, &format!("{P256DH}="), &format!("{AUTH}==")).unwrap();
        assert!(address == padded);
        assert_eq!(address.origin(), "https://push.example.net");
        assert_eq!(format!("{address:?}"), "WebPushAddress(https://push.example.net)");
    }

    #[test]
    fn an_invalid_subscription_is_refused_with_the_wrong_member() {
        let off_the_curve = URL_SAFE_NO_PAD.encode([4; 65]);
        let long = format!("https://push.example/{}", "x".repeat(1000));
        for (endpoint, p256dh, auth, expected) in [
            ("push.example", P256DH, AUTH, AddressError::Endpoint),
            (&long, P256DH, AUTH, AddressError::Endpoint),
            (ENDPOINT, "", AUTH, AddressError::P256dh),
            (ENDPOINT, AUTH, AUTH, AddressError::P256dh),
            (ENDPOINT, &off_the_curve, AUTH, AddressError::P256dh),
            (ENDPOINT, P256DH, "", AddressError::Auth),
            (ENDPOINT, P256DH, P256DH, AddressError::Auth),
            (ENDPOINT, P256DH, "not base64url!", AddressError::Auth),
        ] {
            assert_eq!(WebPushAddress::parse(endpoint, p256dh, auth).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_subscription_opens_only_for_its_own_device() {
        let key = SealingKey::from_bytes(&[3; 32]);
        let [one, two] = [1, 2].map(device);
        let address = WebPushAddress::parse(ENDPOINT, P256DH, AUTH).unwrap();
        let sealed = address.seal(key.rows(), one);
        assert!(WebPushAddress::open(key.rows(), one, &sealed).unwrap() == address);
        assert!(WebPushAddress::open(key.rows(), two, &sealed).is_none());
    }

    #[test]
    fn a_subscription_of_a_newer_version_opens_without_the_member_that_is_unknown() {
        let (key, device) = (SealingKey::from_bytes(&[3; 32]), device(1));
        let mut document =
            serde_json::json!({ "endpoint": ENDPOINT, "p256dh": P256DH, "auth": AUTH, "ttl": 9 });
        let seal =
            |document: &serde_json::Value| key.rows().seal(&purpose(device), document.to_string().as_bytes());
        let opened = WebPushAddress::open(key.rows(), device, &seal(&document));
        assert!(opened == WebPushAddress::parse(ENDPOINT, P256DH, AUTH).ok());
        document["v"] = 2.into();
        assert!(WebPushAddress::open(key.rows(), device, &seal(&document)).is_none());
    }
}
