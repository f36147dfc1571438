//! An ES256 key outside of the server: of a device or of another provider.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A P-256 key pair.
pub struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// Generates a key pair.
    pub fn generate() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    /// Reads the key of a fixture, as PKCS #8.
    pub fn from_pkcs8(bytes: &[u8]) -> Self {
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).expect("a key in PKCS #8"))
    }

    /// The public key with exactly the members of its thumbprint.
    pub fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
    }

    /// The public key as a key set publishes it.
    pub fn published(&self) -> Value {
        let mut key = self.jwk();
        key["kid"] = self.thumbprint().into();
        key["alg"] = "ES256".into();
        key
    }

    /// RFC 7638 §3.2: the hash of the required members in lexicographic order.
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
    }

    /// A compact JWS (RFC 7515 §7.1).
    pub fn sign(&self, header: &Value, payload: &Value) -> String {
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::Jwk, jwk::ThumbprintHash};

    #[test]
    fn another_library_verifies_the_signature_and_makes_the_same_thumbprint() {
        let key = SigningKey::generate();
        let jwk: Jwk = serde_json::from_value(key.published()).expect("a JWK");
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).ok(), Some(key.thumbprint()));
        let token = key.sign(&json!({"alg": "ES256"}), &json!({"sub": "a"}));
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.set_required_spec_claims::<&str>(&[]);
        let verified =
            |jwk| decode::<Value>(&token, &DecodingKey::from_jwk(jwk).expect("a key"), &validation);
        assert_eq!(verified(&jwk).map(|token| token.claims).ok(), Some(json!({"sub": "a"})));
        let other: Jwk = serde_json::from_value(SigningKey::generate().published()).expect("a JWK");
        assert!(verified(&other).is_err());
    }
}
