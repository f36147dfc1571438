//! Compact JWS signed by devices (RFC 7515 §7.1): ES256 only, exact `typ`, limited size.

use super::device_key::DeviceKey;
use super::text::from_b64u;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest answer, proof or rotation.
pub const MAX_JWS_BYTES: usize = 8 * 1024;
/// The longest completion of an enrollment, which carries a WebAuthn registration.
pub const MAX_ENROLLMENT_JWS_BYTES: usize = 16 * 1024;

/// The `typ` of a JWS header (RFC 7515 §4.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// A device proof.
    Proof,
    /// The completion of an enrollment.
    Enroll,
    /// An answer to a challenge.
    Answer,
    /// The rotation of a device's key.
    Rotate,
}

impl Typ {
    /// The header's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proof => "countersign-proof+jwt",
            Self::Enroll => "countersign-enroll+jwt",
            Self::Answer => "countersign-answer+jwt",
            Self::Rotate => "countersign-rotate+jwt",
        }
    }

    const fn longest(self) -> usize {
        match self {
            Self::Enroll => MAX_ENROLLMENT_JWS_BYTES,
            Self::Proof | Self::Answer | Self::Rotate => MAX_JWS_BYTES,
        }
    }
}

/// The defect of a JWS, as a sentence for the authenticator's developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedJws(pub &'static str);

impl std::fmt::Display for MalformedJws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for MalformedJws {}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
    #[serde(default)]
    jwk: Option<serde_json::Value>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// A well-formed JWS. Its content is untrusted until [`Jws::is_signed_by`] returns true.
#[derive(Clone, Debug)]
pub struct Jws {
    kid: String,
    jwk: Option<DeviceKey>,
    payload: Vec<u8>,
    signing_input: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Parses a compact JWS of type `typ`; the error names the defect.
    pub fn parse(compact: &str, typ: Typ) -> Result<Self, MalformedJws> {
        if compact.len() > typ.longest() {
            return Err(MalformedJws("the JWS is longer than allowed"));
        }
        let (signing_input, signature) =
            compact.rsplit_once('.').ok_or(MalformedJws("expected a compact JWS of three parts"))?;
        let (header, payload) = signing_input
            .split_once('.')
            .filter(|(_, payload)| !payload.contains('.'))
            .ok_or(MalformedJws("expected a compact JWS of three parts"))?;
        let bytes = |part| from_b64u(part).ok_or(MalformedJws("a part of the JWS is not unpadded base64url"));
        let (kid, jwk) = check_header(&bytes(header)?, typ)?;
        let signature = bytes(signature)?;
        if signature.len() != 64 {
            return Err(MalformedJws("an ES256 signature has 64 bytes"));
        }
        Ok(Self { kid, jwk, payload: bytes(payload)?, signing_input: signing_input.into(), signature })
    }

    /// The thumbprint of the claimed signing key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key in the header, if any; its thumbprint equals `kid`.
    pub fn jwk(&self) -> Option<&DeviceKey> {
        self.jwk.as_ref()
    }

    /// Tells whether `key` signed this JWS and has the thumbprint `kid`.
    pub fn is_signed_by(&self, key: &DeviceKey) -> bool {
        let signed = key.verifies(&self.signing_input, &self.signature);
        signed && key.thumbprint() == self.kid
    }

    /// Does the work of a signature check for an unknown key, so that timing does not reveal whether a key is
    /// known.
    pub fn check_with_dummy_key(&self) {
        std::hint::black_box(DeviceKey::dummy().verifies(&self.signing_input, &self.signature));
    }

    /// Deserializes the payload.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, MalformedJws> {
        serde_json::from_slice(&self.payload)
            .map_err(|_| MalformedJws("a member of the payload is missing, malformed or repeated"))
    }
}

fn check_header(bytes: &[u8], typ: Typ) -> Result<(String, Option<DeviceKey>), MalformedJws> {
    let header: Header = serde_json::from_slice(bytes)
        .map_err(|_| MalformedJws("the JWS header needs the strings alg, typ and kid, each once"))?;
    if header.alg != "ES256" {
        return Err(MalformedJws("the JWS header's alg must be ES256"));
    }
    if header.typ != typ.as_str() {
        return Err(MalformedJws("the JWS header's typ is not the one of this request"));
    }
    if header.crit.is_some() {
        return Err(MalformedJws("the JWS header has crit, which is not supported"));
    }
    let jwk = header
        .jwk
        .map(|jwk| DeviceKey::from_jwk(&jwk))
        .transpose()
        .map_err(|_| MalformedJws("the JWS header's jwk is not a P-256 public key"))?;
    if jwk.as_ref().is_some_and(|key| key.thumbprint() != header.kid) {
        return Err(MalformedJws("the JWS header's kid is not the thumbprint of its jwk"));
    }
    Ok((header.kid, jwk))
}

#[cfg(test)]
mod tests {
    use super::super::device_key::tests::Signer;
    use super::super::text::b64u;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn header(signer: &Signer) -> Value {
        json!({"alg": "ES256", "typ": "countersign-answer+jwt", "kid": signer.key().thumbprint()})
    }

    #[test]
    fn a_signed_jws_is_parsed_and_only_its_key_verifies_it() {
        let (signer, other) = (Signer::new(), Signer::new());
        let jws = Jws::parse(&signer.sign(Typ::Answer, &json!({"core": "x"})), Typ::Answer).unwrap();
        assert!(jws.is_signed_by(&signer.key()));
        assert!(!jws.is_signed_by(&other.key()));
        assert_eq!(jws.claims::<Value>().unwrap(), json!({"core": "x"}));
    }

    #[test]
    fn a_header_with_one_defect_is_refused_and_without_it_accepted() {
        let signer = Signer::new();
        let good = header(&signer);
        assert!(Jws::parse(&signer.sign_with(&good, &json!({})), Typ::Answer).is_ok());
        let foreign = serde_json::to_value(Signer::new().key()).unwrap();
        for (member, value) in [
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("es256")),
            ("typ", json!("countersign-proof+jwt")),
            ("typ", json!("JWT")),
            ("kid", json!(7)),
            ("crit", json!(["b64"])),
            ("jwk", foreign),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert!(Jws::parse(&signer.sign_with(&bad, &json!({})), Typ::Answer).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_kid_of_another_key_is_verified_by_neither_key() {
        let (signer, other) = (Signer::new(), Signer::new());
        let jws = Jws::parse(&signer.sign_with(&header(&other), &json!({})), Typ::Answer).unwrap();
        assert!(!jws.is_signed_by(&signer.key()));
        assert!(!jws.is_signed_by(&other.key()));
    }

    #[test]
    fn parts_too_few_too_many_padded_doubled_or_too_long_are_refused() {
        let signer = Signer::new();
        let good = signer.sign(Typ::Answer, &json!({"a": 1}));
        assert!(Jws::parse(&good, Typ::Answer).is_ok());
        let doubled = format!(r#"{{"alg":"ES256","alg":"ES256",{}"#, &header(&signer).to_string()[1..]);
        let rest = good.split_once('.').unwrap().1;
        let long = signer.sign(Typ::Answer, &json!({"a": "x".repeat(MAX_JWS_BYTES)}));
        for bad in ["", "a", "a.b", &format!("{good}.x"), &format!("{good}="), &format!(" {good}"), &long] {
            assert!(Jws::parse(bad, Typ::Answer).is_err(), "{bad:.20}");
        }
        assert!(Jws::parse(&format!("{}.{rest}", b64u(doubled)), Typ::Answer).is_err());
    }

    proptest! {
        #[test]
        fn the_parser_refuses_arbitrary_text_without_a_panic(text in "[a-zA-Z0-9._={}\"-]{0,200}") {
            prop_assert!(Jws::parse(&text, Typ::Answer).is_err());
        }

        #[test]
        fn a_changed_byte_is_never_verified(at in 0_usize..200, to in proptest::char::range('A', 'Z')) {
            let signer = Signer::new();
            let good = signer.sign(Typ::Answer, &json!({"core": "abc"}));
            let mut bytes = good.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = u8::try_from(to).unwrap();
            let changed = String::from_utf8(bytes).unwrap();
            let verified = Jws::parse(&changed, Typ::Answer).is_ok_and(|jws| jws.is_signed_by(&signer.key()));
            prop_assert_eq!(verified, changed == good);
        }
    }
}
