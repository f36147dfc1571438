//! JSON Web Signatures in compact form (RFC 7515 §7.1): signed by a key, verified with a key ring.

use super::error::KeyError;
use super::key_ring::KeyRing;
use super::signing_key::SigningKey;
use crate::directory::SigningAlgorithm;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation};
use serde::Serialize;
use serde_json::{Map, Value};

/// The header; the order of the fields is the order of serialization.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'a str>,
    kid: &'a str,
}

impl SigningKey {
    /// Signs the claims as a compact JWS (RFC 7515 §7.1).
    pub fn sign_jws(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, KeyError> {
        let header = Header { alg: self.algorithm().as_str(), typ, kid: self.kid() };
        let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// Returns the claims of a token signed with a key of `ring`; `None` for any other text. Neither expiry nor
/// audience is checked: an `id_token_hint` may have expired, and the caller checks its client (OpenID Connect
/// Core §3.1.2.1).
pub fn verify_jws(ring: &KeyRing, token: &str) -> Option<Map<String, Value>> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = ring.find(header.kid.as_deref()?)?;
    // RFC 7515 §4.1.11: no extension is understood. The library ignores the member.
    if header.crit.is_some() {
        return None;
    }
    let claims = jsonwebtoken::decode(token, &key.decoding_key(), &signature_only(key.algorithm())).ok()?;
    Some(claims.claims)
}

/// Checks that require the algorithm of the key, and nothing of the claims.
fn signature_only(algorithm: SigningAlgorithm) -> Validation {
    let mut checks = Validation::new(match algorithm {
        SigningAlgorithm::RS256 => Algorithm::RS256,
        SigningAlgorithm::ES256 => Algorithm::ES256,
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
    });
    checks.required_spec_claims.clear();
    checks.validate_exp = false;
    checks.validate_aud = false;
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use jsonwebtoken::{DecodingKey, jwk::Jwk};
    use serde_json::json;

    fn ring(algorithm: SigningAlgorithm) -> KeyRing {
        KeyRing::new(vec![(SigningKey::generate(algorithm).unwrap(), Some(Timestamp(0)))])
    }

    #[test]
    fn another_library_verifies_our_signatures() {
        for (algorithm, named) in
            SigningAlgorithm::ALL.into_iter().zip([Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA])
        {
            let key = SigningKey::generate(algorithm).unwrap();
            let token =
                key.sign_jws(Some("at+jwt"), &json!({ "aud": "client", "exp": 4_000_000_000_u64 })).unwrap();
            let jwk: Jwk = serde_json::from_value(key.public_jwk().clone()).unwrap();
            let mut validation = Validation::new(named);
            validation.set_audience(&["client"]);
            let read =
                jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation)
                    .unwrap();
            assert_eq!(read.header.kid.as_deref(), Some(key.kid()));
            assert_eq!(read.header.typ.as_deref(), Some("at+jwt"));
            assert_eq!(read.claims["aud"], "client");
        }
    }

    #[test]
    fn the_header_is_serialized_in_a_fixed_order() {
        let key = SigningKey::generate(SigningAlgorithm::ES256).unwrap();
        for (typ, expected) in [
            (Some("JWT"), format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{}"}}"#, key.kid())),
            (None, format!(r#"{{"alg":"ES256","kid":"{}"}}"#, key.kid())),
        ] {
            let token = key.sign_jws(typ, &json!({})).unwrap();
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            assert_eq!(String::from_utf8(header).unwrap(), expected);
        }
    }

    #[test]
    fn a_token_of_a_retired_key_verifies_even_when_expired() {
        let retired = SigningKey::generate(SigningAlgorithm::RS256).unwrap();
        let token = retired.sign_jws(None, &json!({ "sub": "per_1", "exp": 1 })).unwrap();
        let current = SigningKey::generate(SigningAlgorithm::RS256).unwrap();
        let ring = KeyRing::new(vec![(current, Some(Timestamp(0))), (retired, None)]);
        assert_eq!(verify_jws(&ring, &token).unwrap()["sub"], "per_1");
    }

    #[test]
    fn a_token_without_a_valid_signature_of_the_ring_is_refused() {
        for algorithm in SigningAlgorithm::ALL {
            let ring = ring(algorithm);
            let key = ring.current(algorithm, Timestamp(0)).unwrap();
            let token = key.sign_jws(None, &json!({ "sub": "per_1" })).unwrap();
            assert!(verify_jws(&ring, &token).is_some());

            let parts: Vec<&str> = token.split('.').collect();
            let other_claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"per_2"}"#);
            let header = |json: String| URL_SAFE_NO_PAD.encode(json);
            let none = header(format!(r#"{{"alg":"none","kid":"{}"}}"#, key.kid()));
            let swapped = header(format!(r#"{{"alg":"HS256","kid":"{}"}}"#, key.kid()));
            let stranger =
                SigningKey::generate(algorithm).unwrap().sign_jws(None, &json!({ "sub": "per_1" })).unwrap();
            for forged in [
                format!("{}.{other_claims}.{}", parts[0], parts[2]),
                format!("{}.{}.", parts[0], parts[1]),
                format!("{none}.{}.", parts[1]),
                format!("{swapped}.{}.{}", parts[1], parts[2]),
                format!("{token}."),
                format!("{token}.{}", parts[2]),
                stranger,
                String::new(),
                "..".to_owned(),
            ] {
                assert_eq!(verify_jws(&ring, &forged), None, "{forged}");
            }
        }
    }

    #[test]
    fn a_wrong_header_is_refused_even_when_the_signature_is_valid() {
        let ring = ring(SigningAlgorithm::ES256);
        let key = ring.current(SigningAlgorithm::ES256, Timestamp(0)).unwrap();
        for (alg, rest, is_known) in
            [("ES256", "", true), ("ES384", "", false), ("ES256", r#","crit":["b64"]"#, false)]
        {
            let header = format!(r#"{{"alg":"{alg}","kid":"{}"{rest}}}"#, key.kid());
            let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode("{}"));
            let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).unwrap());
            assert_eq!(
                verify_jws(&ring, &format!("{signed}.{signature}")).is_some(),
                is_known,
                "{alg}{rest}"
            );
        }
    }
}
