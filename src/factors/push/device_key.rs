//! A device's public key: EC on P-256, the only supported kind (RFC 7518 §6.2.1).

use super::text::{b64u, from_b64u};
use crate::digest::sha256;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use serde::{Deserialize, Serialize};

/// A valid point on P-256. Serializes as a JWK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct DeviceKey {
    x: [u8; 32],
    y: [u8; 32],
}

/// The error for a JWK that is not a P-256 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADeviceKey;

impl std::fmt::Display for NotADeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            r#"expected a public key {"kty":"EC","crv":"P-256","x":…,"y":…} of a point on P-256, and no other member"#,
        )
    }
}

impl std::error::Error for NotADeviceKey {}

/// The members in the order of RFC 7638 §3.2. Others are rejected, above all `d`: a private key must not be
/// sent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    crv: String,
    kty: String,
    x: String,
    y: String,
}

impl TryFrom<Jwk> for DeviceKey {
    type Error = NotADeviceKey;

    fn try_from(jwk: Jwk) -> Result<Self, NotADeviceKey> {
        if jwk.kty != "EC" || jwk.crv != "P-256" {
            return Err(NotADeviceKey);
        }
        let key = Self { x: coordinate(&jwk.x)?, y: coordinate(&jwk.y)? };
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.point()).map_err(|_| NotADeviceKey)?;
        Ok(key)
    }
}

impl From<DeviceKey> for Jwk {
    fn from(key: DeviceKey) -> Self {
        Self { crv: "P-256".into(), kty: "EC".into(), x: b64u(key.x), y: b64u(key.y) }
    }
}

fn coordinate(text: &str) -> Result<[u8; 32], NotADeviceKey> {
    from_b64u(text).and_then(|bytes| bytes.try_into().ok()).ok_or(NotADeviceKey)
}

impl DeviceKey {
    /// Parses a JWK.
    pub fn from_jwk(jwk: &serde_json::Value) -> Result<Self, NotADeviceKey> {
        Self::deserialize(jwk).map_err(|_| NotADeviceKey)
    }

    /// Reads a stored JWK. A member that a newer program has added is ignored.
    pub fn from_stored(jwk: &serde_json::Value) -> Result<Self, NotADeviceKey> {
        let member = |name| jwk.get(name).and_then(serde_json::Value::as_str).ok_or(NotADeviceKey);
        let [crv, kty, x, y] =
            [member("crv")?, member("kty")?, member("x")?, member("y")?].map(str::to_owned);
        Self::try_from(Jwk { crv, kty, x, y })
    }

    /// Computes the thumbprint (RFC 7638 §3), the `kid` of everything that the device signs.
    pub fn thumbprint(&self) -> String {
        let (x, y) = (b64u(self.x), b64u(self.y));
        b64u(sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes()))
    }

    /// Tells whether `signature` over `message` is valid for this key (RFC 7518 §3.4: R and S, 32 bytes
    /// each).
    ///
    /// Accepts low and high S, because browsers produce either. Converting one into the other is harmless:
    /// replays are recognized by the digest of the signed content, never by the signature.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point())
            .is_ok_and(|key| key.verify_sig(message, signature).is_ok())
    }

    /// The uncompressed point (SEC 1 §2.3.3).
    fn point(&self) -> Vec<u8> {
        [&[4], self.x.as_slice(), self.y.as_slice()].concat()
    }

    /// A key for checks of unknown devices: they cost the same, and the caller discards the result.
    pub(super) fn dummy() -> Self {
        Self { x: DUMMY_KEY_X, y: DUMMY_KEY_Y }
    }
}

/// P-256's base point (SEC 2 §2.4.2): a valid key of no device.
const DUMMY_KEY_X: [u8; 32] = [
    0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77,
    0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
];
const DUMMY_KEY_Y: [u8; 32] = [
    0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B,
    0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
];

#[cfg(test)]
pub(super) mod tests {
    use super::super::jws::Typ;
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::{Value, json};

    /// A device that holds a key and signs.
    pub(in crate::factors::push) struct Signer(EcdsaKeyPair);

    impl Signer {
        pub(in crate::factors::push) fn new() -> Self {
            Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
        }

        pub(in crate::factors::push) fn key(&self) -> DeviceKey {
            let point = self.0.public_key().as_ref();
            DeviceKey { x: point[1..33].try_into().unwrap(), y: point[33..].try_into().unwrap() }
        }

        pub(in crate::factors::push) fn sign(&self, typ: Typ, payload: &Value) -> String {
            self.sign_with(
                &json!({"alg": "ES256", "typ": typ.as_str(), "kid": self.key().thumbprint()}),
                payload,
            )
        }

        pub(in crate::factors::push) fn sign_with(&self, header: &Value, payload: &Value) -> String {
            let input = format!("{}.{}", b64u(header.to_string()), b64u(payload.to_string()));
            let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
            format!("{input}.{}", b64u(signature))
        }
    }

    #[test]
    fn a_key_survives_serialization_and_its_thumbprint_covers_the_canonical_members() {
        let key = Signer::new().key();
        let jwk = serde_json::to_value(&key).unwrap();
        assert_eq!(DeviceKey::from_jwk(&jwk).unwrap(), key);
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        assert_eq!(key.thumbprint(), b64u(sha256(canonical.as_bytes())));
    }

    #[test]
    fn points_off_the_curve_other_kinds_and_private_keys_are_refused() {
        let good = serde_json::to_value(Signer::new().key()).unwrap();
        assert!(DeviceKey::from_jwk(&good).is_ok());
        let zero = b64u([0; 32]);
        for (member, value) in [
            ("x", json!(zero)),
            ("y", json!(zero)),
            ("x", json!(b64u([1; 31]))),
            ("x", json!(format!("{}=", good["x"].as_str().unwrap()))),
            ("kty", json!("RSA")),
            ("crv", json!("P-384")),
            ("d", json!(zero)),
        ] {
            let mut jwk = good.clone();
            jwk[member] = value;
            assert_eq!(DeviceKey::from_jwk(&jwk), Err(NotADeviceKey), "{member}");
        }
        let infinity = json!({"kty": "EC", "crv": "P-256", "x": zero, "y": zero});
        assert_eq!(DeviceKey::from_jwk(&infinity), Err(NotADeviceKey));
    }

    #[test]
    fn a_stored_key_is_read_without_the_members_of_a_newer_version() {
        let key = Signer::new().key();
        let mut jwk = serde_json::to_value(&key).unwrap();
        jwk["use"] = "sig".into();
        assert_eq!(DeviceKey::from_stored(&jwk).unwrap(), key);
        assert_eq!(DeviceKey::from_jwk(&jwk), Err(NotADeviceKey), "a received key has no other member");
        jwk["crv"] = "P-384".into();
        assert_eq!(DeviceKey::from_stored(&jwk), Err(NotADeviceKey));
    }

    #[test]
    fn the_dummy_key_is_valid() {
        let jwk = serde_json::to_value(DeviceKey::dummy()).unwrap();
        assert!(DeviceKey::from_jwk(&jwk).is_ok());
    }
}
