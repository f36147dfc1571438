//! Authentication of a device's request: a JWS over method, URL, body and a server nonce, in the
//! `Device-Proof` header.
//!
//! Modeled on DPoP (RFC 9449) without an access token. Nonces are stateless and carry the server's time,
//! because the phone's clock may be wrong.

use super::device_key::DeviceKey;
use super::jws::{Jws, MalformedJws, Typ};
use super::text::{b64u, is_mac, mac};
use crate::clock::Timestamp;
use crate::digest::sha256;
use serde::Deserialize;

/// Seconds of one nonce bucket.
const NONCE_BUCKET_SECONDS: i64 = 60;
/// Number of earlier buckets with valid nonces.
const ACCEPTED_EARLIER_BUCKETS: i64 = 4;

/// The request that a proof must match.
#[derive(Clone, Copy, Debug)]
pub struct ProvedRequest<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The absolute URL without query and fragment, under the authenticator's address of the server.
    pub uri: &'a str,
    /// The body as received.
    pub body: &'a [u8],
}

/// Where the key of a proof comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// From the JWS header: an enrollment, because the server does not know the key yet.
    Header,
    /// From the device's row: every other request.
    Stored,
}

/// The reason for refusing a proof; each is answered 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofRefusal {
    /// No nonce or an expired one: the response carries a new nonce, and the device repeats once.
    UseNonce,
    /// An unknown key or a wrong signature; deliberately indistinguishable.
    Unknown,
    /// Malformed, or for another request; the text names the defect.
    Invalid(&'static str),
}

impl ProofRefusal {
    /// The stable problem code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::UseNonce => "use_nonce",
            Self::Unknown => "device_unknown",
            Self::Invalid(_) => "invalid_proof",
        }
    }
}

impl From<MalformedJws> for ProofRefusal {
    fn from(malformed: MalformedJws) -> Self {
        Self::Invalid(malformed.0)
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    iat: Option<f64>,
    #[serde(default)]
    bh: Option<String>,
}

/// A well-formed proof. Its content is untrusted until [`DeviceProof::verify`] succeeds.
#[derive(Clone, Debug)]
pub struct DeviceProof {
    jws: Jws,
    claims: Claims,
}

impl DeviceProof {
    /// Parses the value of the `Device-Proof` header.
    pub fn parse(field: &str, source: KeySource) -> Result<Self, ProofRefusal> {
        let jws = Jws::parse(field, Typ::Proof)?;
        match (source, jws.jwk()) {
            (KeySource::Header, None) => {
                return Err(ProofRefusal::Invalid("this request needs jwk in the JWS header"));
            }
            (KeySource::Stored, Some(_)) => {
                return Err(ProofRefusal::Invalid("jwk is allowed in the JWS header of an enrollment only"));
            }
            (KeySource::Header, Some(_)) | (KeySource::Stored, None) => {}
        }
        let claims = jws.claims()?;
        Ok(Self { jws, claims })
    }

    /// The key's thumbprint, for finding the device and making the next nonce.
    pub fn kid(&self) -> &str {
        self.jws.kid()
    }

    /// The key in the JWS header; only enrollments have one.
    pub fn jwk(&self) -> Option<&DeviceKey> {
        self.jws.jwk()
    }

    /// Seconds by which the device's clock is ahead of the server's, for the log.
    pub fn clock_ahead(&self, now: Timestamp) -> Option<i64> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the cast saturates, which is exact enough for a log line"
        )]
        self.claims.iat.map(|iat| (iat as i64).saturating_sub(now.unix_seconds()))
    }

    /// Verifies, in this order: nonce, key and signature, request. `key` is `None` for an unknown `kid`,
    /// which costs the same work. The caller then checks whether the device may make this request.
    pub fn verify(
        &self,
        key: Option<&DeviceKey>,
        request: &ProvedRequest<'_>,
        nonce_key: &[u8],
        now: Timestamp,
    ) -> Result<(), ProofRefusal> {
        let nonce = self.claims.nonce.as_deref().unwrap_or_default();
        if !check_nonce(nonce_key, self.kid(), nonce, now) {
            return Err(ProofRefusal::UseNonce);
        }
        let Some(key) = key else {
            self.jws.check_with_dummy_key();
            return Err(ProofRefusal::Unknown);
        };
        if !self.jws.is_signed_by(key) {
            return Err(ProofRefusal::Unknown);
        }
        self.fits(request)
    }

    fn fits(&self, request: &ProvedRequest<'_>) -> Result<(), ProofRefusal> {
        if self.claims.htm != request.method {
            return Err(ProofRefusal::Invalid("htm is not the method of this request"));
        }
        if self.claims.htu != request.uri {
            return Err(ProofRefusal::Invalid(
                "htu is not the URL of this request without query and fragment",
            ));
        }
        let needs_hash = request.method != "GET" || !request.body.is_empty();
        let hash = b64u(sha256(request.body));
        match &self.claims.bh {
            Some(bh) if *bh == hash => Ok(()),
            None if !needs_hash => Ok(()),
            Some(_) | None => Err(ProofRefusal::Invalid("bh is not the SHA-256 of this request's body")),
        }
    }
}

/// Makes a nonce for the device key with this thumbprint, valid for four to five minutes on every node with
/// `key`.
pub fn make_nonce(key: &[u8], thumbprint: &str, now: Timestamp) -> String {
    b64u(mac(key, &["device-nonce", thumbprint, &bucket(now).to_string()]))
}

/// Tells whether `nonce` was made for this thumbprint in the current bucket or the four before.
pub fn check_nonce(key: &[u8], thumbprint: &str, nonce: &str, now: Timestamp) -> bool {
    let tag = super::text::from_b64u(nonce).unwrap_or_default();
    (0..=ACCEPTED_EARLIER_BUCKETS)
        .any(|earlier| is_mac(key, &["device-nonce", thumbprint, &(bucket(now) - earlier).to_string()], &tag))
}

fn bucket(now: Timestamp) -> i64 {
    now.unix_seconds().div_euclid(NONCE_BUCKET_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::super::device_key::tests::Signer;
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
    const URI: &str = "https://idp.example/device/v1/transport";
    const REQUEST: ProvedRequest<'static> = ProvedRequest { method: "PUT", uri: URI, body: b"{}" };

    fn claims(signer: &Signer) -> Value {
        let nonce = make_nonce(b"key", &signer.key().thumbprint(), NOW);
        json!({"htm": "PUT", "htu": URI, "nonce": nonce, "iat": 1_800_000_007, "bh": b64u(sha256(b"{}"))})
    }

    fn verify(field: &str, key: Option<&DeviceKey>, now: Timestamp) -> Result<(), ProofRefusal> {
        DeviceProof::parse(field, KeySource::Stored)?.verify(key, &REQUEST, b"key", now)
    }

    #[test]
    fn a_proof_for_this_request_is_accepted_until_its_nonce_expires() {
        let signer = Signer::new();
        let field = signer.sign(Typ::Proof, &claims(&signer));
        let key = signer.key();
        assert_eq!(verify(&field, Some(&key), NOW), Ok(()));
        assert_eq!(verify(&field, Some(&key), NOW.plus_seconds(299)), Ok(()));
        assert_eq!(verify(&field, Some(&key), NOW.plus_seconds(300)), Err(ProofRefusal::UseNonce));
        let proof = DeviceProof::parse(&field, KeySource::Stored).unwrap();
        assert_eq!(proof.clock_ahead(NOW), Some(7));
    }

    #[test]
    fn a_nonce_is_bound_to_its_key() {
        let nonce = make_nonce(b"key", "thumbprint", NOW);
        assert!(check_nonce(b"key", "thumbprint", &nonce, NOW));
        assert!(!check_nonce(b"key", "other", &nonce, NOW));
        assert!(!check_nonce(b"other", "thumbprint", &nonce, NOW));
        assert!(!check_nonce(b"key", "thumbprint", "", NOW));
        assert!(
            !check_nonce(b"key", "thumbprint", &nonce, NOW.plus_seconds(-60)),
            "not valid before its bucket"
        );
    }

    #[test]
    fn unknown_keys_and_wrong_signatures_get_the_same_refusal() {
        let (signer, other) = (Signer::new(), Signer::new());
        let field = signer.sign(Typ::Proof, &claims(&signer));
        assert_eq!(verify(&field, None, NOW), Err(ProofRefusal::Unknown));
        assert_eq!(verify(&field, Some(&other.key()), NOW), Err(ProofRefusal::Unknown));
    }

    #[test]
    fn a_proof_for_another_request_is_refused() {
        let signer = Signer::new();
        for (member, value) in [
            ("htm", json!("POST")),
            ("htu", json!("https://idp.example/device/v1/self")),
            ("htu", json!(format!("{URI}?x"))),
            ("bh", json!(b64u(sha256(b"{} ")))),
            ("bh", Value::Null),
        ] {
            let mut bad = claims(&signer);
            bad[member] = value;
            let result = verify(&signer.sign(Typ::Proof, &bad), Some(&signer.key()), NOW);
            assert!(matches!(result, Err(ProofRefusal::Invalid(_))), "{member}: {result:?}");
        }
    }

    #[test]
    fn a_get_needs_no_body_hash_and_an_enrollment_carries_its_key() {
        let signer = Signer::new();
        let kid = signer.key().thumbprint();
        let header = json!({"alg": "ES256", "typ": Typ::Proof.as_str(), "kid": kid, "jwk": signer.key()});
        let claims = json!({"htm": "GET", "htu": URI, "nonce": make_nonce(b"key", &kid, NOW)});
        let field = signer.sign_with(&header, &claims);
        let proof = DeviceProof::parse(&field, KeySource::Header).unwrap();
        let get = ProvedRequest { method: "GET", uri: URI, body: b"" };
        assert_eq!(proof.verify(proof.jwk(), &get, b"key", NOW), Ok(()));
        assert!(DeviceProof::parse(&field, KeySource::Stored).is_err());
        assert!(DeviceProof::parse(&signer.sign(Typ::Proof, &claims), KeySource::Header).is_err());
    }
}
