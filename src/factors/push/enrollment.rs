//! Pairing a phone: the link and the code that begin it, the claim, the completion, the confirmation code.

use super::device_key::DeviceKey;
use super::jws::{Jws, MalformedJws, Typ};
use super::text::{b64u, clean, from_b64u, is_mac, mac, sha256};
use ::entity::ids::EnrollmentId;
use serde::{Deserialize, Serialize};

/// Seconds that link and code live.
pub const LIFETIME: i64 = 600;
/// Seconds to type the confirmation code back.
pub const CONFIRM_WITHIN: i64 = 300;
/// Wrong confirmation codes that end an enrollment.
pub const CONFIRM_ATTEMPTS: i32 = 3;
/// Wrong claims that end an enrollment.
pub const CLAIM_FAILURES: i32 = 10;
/// Symbols of the activation code: 50 bits.
pub const CODE_SYMBOLS: usize = 10;
/// Digits of the confirmation code.
pub const CONFIRMATION_DIGITS: usize = 6;
/// Characters of a device's name.
const LONGEST_NAME: usize = 64;

/// What the QR code holds. The secret stands in the fragment: it is never sent in a request line.
pub fn link(authenticator_url: &str, enrollment: EnrollmentId, secret: &str) -> String {
    format!("{authenticator_url}enroll#1.{enrollment}.{secret}")
}

/// The activation code as it is shown: `XXXXX-XXXXX`.
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(CODE_SYMBOLS / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// The activation code as it was meant: Crockford's base32 forgives case, dashes, spaces, and O for 0, I and L for 1.
pub fn normalize_code(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-'))
        .take(CODE_SYMBOLS + 1)
        .map(|character| match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            upper => upper,
        })
        .collect();
    let is_symbol = |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && byte != b'U');
    (code.len() == CODE_SYMBOLS && code.bytes().all(is_symbol)).then_some(code)
}

/// What is stored of the link's secret; its 256 bits need no key.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    sha256(secret.as_bytes())
}

/// What is stored of the activation code, by which the enrollment is found; its 50 bits need the key.
pub fn code_hash(key: &[u8], code: &str) -> Vec<u8> {
    mac(key, &["activation-code", code])
}

/// What is stored of the confirmation code.
pub fn confirmation_hash(key: &[u8], enrollment: EnrollmentId, code: &str) -> Vec<u8> {
    mac(key, &["confirmation-code", &enrollment.to_string(), code])
}

/// Whether `typed` is the confirmation code, spaces apart, in constant time.
pub fn is_confirmed(key: &[u8], enrollment: EnrollmentId, typed: &str, stored: &[u8]) -> bool {
    let code: String = typed.chars().filter(|character| *character != ' ').take(16).collect();
    is_mac(key, &["confirmation-code", &enrollment.to_string(), &code], stored)
}

/// What an authenticator says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInfo {
    /// `web`, `android`, `ios` or `other`.
    pub kind: AppKind,
    /// Its version.
    pub version: String,
    /// What it runs on.
    pub platform: String,
}

/// What kind of authenticator it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppKind {
    /// A web app.
    Web,
    /// A native app.
    Android,
    /// A native app.
    Ios,
    /// Anything else.
    Other,
}

/// By what an enrollment is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimBy {
    /// The scanned link.
    Secret {
        /// The enrollment.
        enrollment: EnrollmentId,
        /// Its secret.
        secret: String,
    },
    /// The typed code, normalized.
    Code(String),
}

/// A claim that is well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// By what.
    pub by: ClaimBy,
    /// Who claims.
    pub app: AppInfo,
}

/// A body that names what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// A member is missing or ill-formed.
    Invalid(&'static str),
    /// A code or id that cannot be any enrollment's: counted like a wrong one.
    Unknown,
}

#[derive(Deserialize)]
struct ClaimBody {
    #[serde(default)]
    enrollment: Option<String>,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    code: Option<String>,
    app: AppInfo,
}

impl Claim {
    /// Reads the body of a claim.
    pub fn parse(body: &[u8]) -> Result<Self, ClaimRefusal> {
        let body: ClaimBody = serde_json::from_slice(body).map_err(|_| {
            ClaimRefusal::Invalid(
                "expected enrollment and secret, or code, and app with kind, version and platform",
            )
        })?;
        let by = match (body.enrollment, body.secret, body.code) {
            (Some(id), Some(secret), None) => {
                ClaimBy::Secret { enrollment: id.parse().map_err(|_| ClaimRefusal::Unknown)?, secret }
            }
            (None, None, Some(code)) => ClaimBy::Code(normalize_code(&code).ok_or(ClaimRefusal::Unknown)?),
            _ => return Err(ClaimRefusal::Invalid("expected either enrollment and secret, or code")),
        };
        let AppInfo { kind, version, platform } = body.app;
        let app = AppInfo {
            kind,
            version: clean(&version, LONGEST_NAME),
            platform: clean(&platform, LONGEST_NAME),
        };
        Ok(Self { by, app })
    }
}

/// How a device wants to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transport {
    /// Web Push (RFC 8030, RFC 8291); also UnifiedPush.
    Webpush {
        /// Where the push service takes messages.
        endpoint: String,
        /// The subscription's public key, 65 bytes in base64url.
        p256dh: String,
        /// The subscription's secret, 16 bytes in base64url.
        auth: String,
        /// Which of our keys it was subscribed with.
        vapid_kid: String,
    },
    /// Not at all: the authenticator asks.
    None,
}

impl Transport {
    /// Whether it has the form of one. Where an endpoint may lie is for the outbox to say.
    pub fn check(&self) -> Result<(), &'static str> {
        let Self::Webpush { endpoint, p256dh, auth, vapid_kid } = self else { return Ok(()) };
        if endpoint.len() > 1000 || !endpoint.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("transport.endpoint must be an address of at most 1000 ASCII characters");
        }
        if from_b64u(p256dh).is_none_or(|point| point.len() != 65 || point.first() != Some(&4)) {
            return Err("transport.p256dh must be an uncompressed point, 65 bytes in base64url");
        }
        if from_b64u(auth).is_none_or(|secret| secret.len() != 16) {
            return Err("transport.auth must be 16 bytes in base64url");
        }
        if vapid_kid.is_empty() || vapid_kid.len() > 64 {
            return Err("transport.vapid_kid must name the key that was subscribed with");
        }
        Ok(())
    }
}

/// What a device registers.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// Its key.
    pub key: DeviceKey,
    /// Its name, fit to show.
    pub name: String,
    /// What it runs on, fit to show.
    pub platform: String,
    /// How it is reached.
    pub transport: Transport,
    /// The WebAuthn registration, unchecked.
    pub uv: Option<serde_json::Value>,
    /// Whether its storage was promised to last.
    pub persisted: Option<bool>,
    /// SHA-256 of the JWS: the same bytes again get the same reply.
    pub digest: [u8; 32],
}

/// The enrollment that a completion must be for.
#[derive(Clone, Copy, Debug)]
pub struct ClaimedEnrollment<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The enrollment.
    pub id: EnrollmentId,
    /// The nonce of its offer.
    pub nonce: &'a str,
    /// The thumbprint of the key that claimed it.
    pub thumbprint: &'a str,
}

/// Why a completion is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionRefusal {
    /// A member is missing, ill-formed, or not this enrollment's.
    Invalid(&'static str),
    /// Not signed by the key that claimed.
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
    /// Checks a completion against the enrollment that was claimed.
    pub fn verify(compact: &str, enrollment: &ClaimedEnrollment<'_>) -> Result<Self, CompletionRefusal> {
        let jws = Jws::parse(compact, Typ::Enroll)?;
        if jws.kid() != enrollment.thumbprint {
            jws.check_for_nobody();
            return Err(CompletionRefusal::DeviceUnknown);
        }
        let claims: CompletionClaims = jws.claims()?;
        if !jws.is_signed_by(&claims.jwk) {
            return Err(CompletionRefusal::DeviceUnknown);
        }
        let CompletionClaims { aud, enr, nonce, jwk, name, platform, transport, uv, persisted } = claims;
        let is_for_us =
            aud == enrollment.issuer && enr == enrollment.id.to_string() && nonce == enrollment.nonce;
        if !is_for_us {
            return Err(CompletionRefusal::Invalid("aud, enr and nonce must be those of the offer"));
        }
        transport.check().map_err(CompletionRefusal::Invalid)?;
        let name = clean(&name, LONGEST_NAME);
        if name.is_empty() {
            return Err(CompletionRefusal::Invalid("name must have 1 to 64 characters that can be shown"));
        }
        let (platform, digest) = (clean(&platform, LONGEST_NAME), sha256(compact.as_bytes()));
        Ok(Self { key: jwk, name, platform, transport, uv, persisted, digest })
    }
}

/// A name for a device that a person or the device itself chose, fit to show; `None` when nothing of it can be.
pub fn device_name(name: &str) -> Option<String> {
    Some(clean(name, LONGEST_NAME)).filter(|name| !name.is_empty())
}

/// `endpoint_sha256`: by it a web app sees whether its subscription is the one that is stored.
pub fn endpoint_hash(endpoint: &str) -> String {
    b64u(sha256(endpoint.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::device_key::tests::Signer;
    use super::*;
    use serde_json::{Value, json};

    fn id() -> EnrollmentId {
        "enr_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    #[test]
    fn the_link_holds_all_in_its_fragment() {
        assert_eq!(
            link("https://idp.example/authenticator/", id(), "s3cret"),
            "https://idp.example/authenticator/enroll#1.enr_AAAAAAAAAAAAAAAAAAAAAQ.s3cret"
        );
    }

    #[test]
    fn a_code_is_read_as_it_was_meant() {
        assert_eq!(shown_code("ABCDE01234"), "ABCDE-01234");
        for typed in ["ABCDE-01234", "abcde o l 234", "AbCdE-oI234", "  ABCDE01234  "] {
            assert_eq!(normalize_code(typed).as_deref(), Some("ABCDE01234"), "{typed}");
        }
        for wrong in ["", "ABCDE-0123", "ABCDE-012345", "ABCDU-01234", "ABCDE–01234", "ABCDÉ01234"] {
            assert_eq!(normalize_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_confirmation_code_confirms_its_own_enrollment_only() {
        let stored = confirmation_hash(b"key", id(), "123456");
        assert!(is_confirmed(b"key", id(), "123 456", &stored));
        assert!(!is_confirmed(b"key", id(), "123457", &stored));
        let other = "enr_AAAAAAAAAAAAAAAAAAAAAg".parse().unwrap();
        assert!(!is_confirmed(b"key", other, "123456", &stored));
    }

    #[test]
    fn a_claim_is_by_secret_or_by_code_and_not_by_both() {
        let app = json!({"kind": "web", "version": "1.0", "platform": "Linux"});
        let parse = |body: Value| Claim::parse(body.to_string().as_bytes());
        let by_code = parse(json!({"code": "abcde-01234", "app": app})).unwrap();
        assert_eq!(by_code.by, ClaimBy::Code("ABCDE01234".into()));
        let by_secret = parse(json!({"enrollment": id(), "secret": "s", "app": app})).unwrap();
        assert_eq!(by_secret.by, ClaimBy::Secret { enrollment: id(), secret: "s".into() });
        for body in [
            json!({"enrollment": id(), "secret": "s", "code": "ABCDE01234", "app": app}),
            json!({"enrollment": id(), "app": app}),
            json!({"code": ["ABCDE01234"], "app": app}),
            json!({"code": "ABCDE01234"}),
        ] {
            assert!(matches!(parse(body), Err(ClaimRefusal::Invalid(_))));
        }
        assert_eq!(parse(json!({"code": "nonsense", "app": app})), Err(ClaimRefusal::Unknown));
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
    fn the_key_that_claimed_completes() {
        let signer = Signer::new();
        let completion = complete(&signer, &claims(&signer), &signer.key().thumbprint()).unwrap();
        assert_eq!((completion.name.as_str(), &completion.transport), ("Pixel 9", &Transport::None));
        assert_eq!(completion.key, signer.key());
    }

    #[test]
    fn another_key_or_another_enrollments_members_do_not() {
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

    #[test]
    fn a_subscription_has_its_point_and_its_secret() {
        let point = b64u([&[4_u8], [7; 64].as_slice()].concat());
        let webpush = |p256dh: &str, auth: &str| Transport::Webpush {
            endpoint: "https://push.example/abc".into(),
            p256dh: p256dh.into(),
            auth: auth.into(),
            vapid_kid: "kid".into(),
        };
        assert_eq!(webpush(&point, &b64u([1; 16])).check(), Ok(()));
        assert!(webpush(&point, &b64u([1; 15])).check().is_err());
        assert!(webpush(&b64u([7; 65]), &b64u([1; 16])).check().is_err());
    }
}
