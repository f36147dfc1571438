//! The completion of an enrollment: a device's registration, signed by the key of the claim.

use super::transport::Transport;
use crate::digest::sha256;
use crate::factors::push::DeviceKey;
use crate::factors::push::jws::{Jws, MalformedJws, Typ};
use crate::factors::push::text::clean;
use ::entity::ids::EnrollmentId;
use serde::Deserialize;

/// Characters of a device's name.
const MAX_DEVICE_NAME_CHARS: usize = 64;

/// A verified registration of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// The device's key.
    pub key: DeviceKey,
    /// The device's name, safe to display.
    pub name: String,
    /// The operating system or browser, safe to display.
    pub platform: String,
    /// The way to reach the device.
    pub transport: Transport,
    /// The WebAuthn registration, not verified yet.
    pub uv: Option<serde_json::Value>,
    /// Whether the browser granted persistent storage.
    pub persisted: Option<bool>,
    /// SHA-256 of the JWS, so that a repeat of the same bytes gets the same response.
    pub digest: [u8; 32],
}

/// The expected values of a completion.
#[derive(Clone, Copy, Debug)]
pub struct ClaimedEnrollment<'a> {
    /// The issuer identifier.
    pub issuer: &'a str,
    /// The enrollment's id.
    pub id: EnrollmentId,
    /// The nonce of the offer.
    pub nonce: &'a str,
    /// The thumbprint of the key of the claim.
    pub thumbprint: &'a str,
}

/// The reason for refusing a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionRefusal {
    /// A member is missing, malformed, or of another enrollment; the text names the defect.
    Invalid(&'static str),
    /// Not signed by the key of the claim.
    DeviceUnknown,
}

impl From<MalformedJws> for CompletionRefusal {
    fn from(malformed: MalformedJws) -> Self {
        Self::Invalid(malformed.0)
    }
}

#[derive(Deserialize)]
struct CompletionClaims {
    aud: String,
    enr: String,
    nonce: String,
    jwk: DeviceKey,
    name: String,
    #[serde(default)]
    platform: String,
    transport: Transport,
    #[serde(default)]
    uv: Option<serde_json::Value>,
    #[serde(default)]
    persisted: Option<bool>,
}

impl Completion {
    /// Verifies a completion against the claimed enrollment.
    pub fn verify(compact: &str, enrollment: &ClaimedEnrollment<'_>) -> Result<Self, CompletionRefusal> {
        let jws = Jws::parse(compact, Typ::Enroll)?;
        if jws.kid() != enrollment.thumbprint {
            jws.check_with_dummy_key();
            return Err(CompletionRefusal::DeviceUnknown);
        }
        let claims: CompletionClaims = jws.claims()?;
        if !jws.is_signed_by(&claims.jwk) {
            return Err(CompletionRefusal::DeviceUnknown);
        }
        let CompletionClaims { aud, enr, nonce, jwk, name, platform, transport, uv, persisted } = claims;
        let is_for_claim =
            aud == enrollment.issuer && enr == enrollment.id.to_string() && nonce == enrollment.nonce;
        if !is_for_claim {
            return Err(CompletionRefusal::Invalid("aud, enr and nonce must be those of the offer"));
        }
        transport.check().map_err(CompletionRefusal::Invalid)?;
        let name = clean(&name, MAX_DEVICE_NAME_CHARS);
        if name.is_empty() {
            return Err(CompletionRefusal::Invalid("name must have 1 to 64 characters that can be shown"));
        }
        let (platform, digest) = (clean(&platform, MAX_DEVICE_NAME_CHARS), sha256(compact.as_bytes()));
        Ok(Self { key: jwk, name, platform, transport, uv, persisted, digest })
    }
}

/// Cleans a chosen device name for display; `None` when no visible character is left.
pub fn device_name(name: &str) -> Option<String> {
    Some(clean(name, MAX_DEVICE_NAME_CHARS)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::push::device_key::tests::Signer;
    use serde_json::{Value, json};

    fn id() -> EnrollmentId {
        "enr_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    fn claims(signer: &Signer) -> Value {
        json!({"aud": "https://idp.example", "enr": id(), "nonce": "n", "jwk": signer.key(),
               "name": " Pixel\u{202E} 9 ", "platform": "Android", "transport": {"kind": "none"},
               "uv": null, "persisted": true, "iat": 1})
    }

    fn complete(signer: &Signer, claims: &Value, thumbprint: &str) -> Result<Completion, CompletionRefusal> {
        let claimed = ClaimedEnrollment { issuer: "https://idp.example", id: id(), nonce: "n", thumbprint };
        Completion::verify(&signer.sign(Typ::Enroll, claims), &claimed)
    }

    #[test]
    fn the_key_of_the_claim_completes_the_enrollment() {
        let signer = Signer::new();
        let completion = complete(&signer, &claims(&signer), &signer.key().thumbprint()).unwrap();
        assert_eq!((completion.name.as_str(), &completion.transport), ("Pixel 9", &Transport::None));
        assert_eq!(completion.key, signer.key());
    }

    #[test]
    fn another_key_or_members_of_another_enrollment_are_refused() {
        let (signer, other) = (Signer::new(), Signer::new());
        let thumbprint = signer.key().thumbprint();
        assert_eq!(complete(&other, &claims(&other), &thumbprint), Err(CompletionRefusal::DeviceUnknown));
        assert_eq!(complete(&signer, &claims(&other), &thumbprint), Err(CompletionRefusal::DeviceUnknown));
        for (member, value) in [
            ("aud", json!("https://other.example")),
            ("enr", json!("enr_AAAAAAAAAAAAAAAAAAAAAg")),
            ("nonce", json!("m")),
            ("name", json!(" \u{202E} ")),
            ("transport", json!({"kind": "webpush", "endpoint": "https://p.example/1"})),
            ("transport", json!({"kind": "apns"})),
        ] {
            let mut bad = claims(&signer);
            bad[member] = value;
            let result = complete(&signer, &bad, &thumbprint);
            assert!(matches!(result, Err(CompletionRefusal::Invalid(_))), "{member}: {result:?}");
        }
    }
}
