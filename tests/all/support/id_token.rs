//! The checks of an ID token by a relying party (OpenID Connect Core §3.1.3.7), with a library that the
//! server does not use.

use aws_lc_rs::digest::{Algorithm as Hash, SHA256, SHA512, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::clock::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

/// The expected claims.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its `iss`, byte for byte.
    pub issuer: &'a str,
    /// Its `aud`.
    pub client_id: &'a str,
    /// Its `nonce`; `None` if the token must not have one.
    pub nonce: Option<&'a str>,
    /// The access token of the same response, for `at_hash`.
    pub access_token: &'a str,
    /// The relying party's clock.
    pub now: Timestamp,
}

/// Returns the claims of `token`, or the first check that fails.
pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Value, String> {
    let header = decode_header(token).map_err(|error| format!("not a JWS: {error}"))?;
    let kid = header.kid.as_deref().ok_or("no kid in the header")?;
    let key = keys.find(kid).ok_or_else(|| format!("no key {kid} in the key set"))?;
    let key = DecodingKey::from_jwk(key).map_err(|error| format!("the key {kid} is unusable: {error}"))?;
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[expected.client_id]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    validation.validate_exp = false; // checked below against the test's clock
    let claims = decode::<Value>(token, &key, &validation).map_err(|error| error.to_string())?.claims;
    check_times(&claims, expected.now)?;
    if claims["nonce"].as_str() != expected.nonce {
        return Err(format!("nonce is {}, expected {:?}", claims["nonce"], expected.nonce));
    }
    let at_hash = left_half(header.alg, expected.access_token);
    match claims.get("at_hash") {
        Some(hash) if hash != &Value::from(at_hash.as_str()) => {
            Err(format!("at_hash is {hash}, expected {at_hash}"))
        }
        _ => Ok(claims),
    }
}

fn check_times(claims: &Value, now: Timestamp) -> Result<(), String> {
    let now = now.unix_seconds();
    let read = |name: &str| {
        claims[name].as_i64().ok_or_else(|| format!("{name} is {}, expected whole seconds", claims[name]))
    };
    let (issued, expires) = (read("iat")?, read("exp")?);
    if expires <= now {
        return Err(format!("it expired at {expires} and it is {now}"));
    }
    if (issued - now).abs() > 60 {
        return Err(format!("iat is {issued} and it is {now}"));
    }
    match claims.get("auth_time") {
        Some(time) if time.as_i64().is_none_or(|time| time > now) => {
            Err(format!("auth_time is {time} and it is {now}"))
        }
        _ => Ok(()),
    }
}

/// Core §3.1.3.6: the left half of the hash that belongs to the signature's algorithm.
fn left_half(algorithm: Algorithm, token: &str) -> String {
    let hash: &Hash = if algorithm == Algorithm::EdDSA { &SHA512 } else { &SHA256 };
    let hash = digest(hash, token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

mod tests {
    use super::super::fixed_clock::DAWN;
    use super::super::signing_key::SigningKey;
    use super::*;
    use serde_json::json;

    fn keys(key: &SigningKey) -> JwkSet {
        serde_json::from_value(json!({"keys": [key.published()]})).expect("a key set")
    }

    fn sign(key: &SigningKey, claims: &Value) -> String {
        key.sign(&json!({"alg": "ES256", "kid": key.thumbprint()}), claims)
    }

    const EXPECTED: Expected<'static> = Expected {
        issuer: "http://localhost:8080",
        client_id: "shop",
        nonce: Some("n"),
        access_token: "token",
        now: DAWN,
    };

    fn good() -> Value {
        let now = DAWN.unix_seconds();
        json!({
            "iss": "http://localhost:8080", "sub": "per_1", "aud": "shop", "nonce": "n",
            "iat": now, "exp": now + 300, "auth_time": now,
            "at_hash": left_half(Algorithm::ES256, "token"),
        })
    }

    #[test]
    fn a_good_token_is_taken_and_each_wrong_claim_is_refused() {
        let key = SigningKey::generate();
        let check = |claims: &Value| verify(&sign(&key, claims), &keys(&key), &EXPECTED);
        assert_eq!(check(&good()), Ok(good()));
        let now = DAWN.unix_seconds();
        let wrong = [
            ("iss", json!("http://localhost:8080/")),
            ("aud", json!("another")),
            ("nonce", json!("m")),
            ("nonce", json!(null)),
            ("exp", json!(now)),
            ("iat", json!(now + 61)),
            ("auth_time", json!(now + 1)),
            ("at_hash", json!("AAAA")),
        ];
        for (name, value) in wrong {
            let mut claims = good();
            claims[name] = value.clone();
            assert!(check(&claims).is_err(), "{name} = {value}");
        }
    }

    #[test]
    fn a_token_signed_by_another_key_is_refused() {
        let (key, stranger) = (SigningKey::generate(), SigningKey::generate());
        assert!(verify(&sign(&stranger, &good()), &keys(&key), &EXPECTED).is_err());
        assert!(verify(&sign(&stranger, &good()), &keys(&stranger), &EXPECTED).is_ok());
    }
}
