//! Signing keys: RSA, P-256 and Ed25519 (RFC 7518 §3, RFC 8037), with their public JWK.

use super::error::KeyError;
use crate::{digest::sha256, directory::SigningAlgorithm};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// A parsed signing key. Its `kid` is its RFC 7638 thumbprint, so different keys have different ids.
pub struct SigningKey {
    algorithm: SigningAlgorithm,
    pair: Pair,
    kid: String,
    public_jwk: Value,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Generates a key: RSA with 2048 bits, P-256 or Ed25519. RSA takes a noticeable part of a second.
    pub fn generate(algorithm: SigningAlgorithm) -> Result<Self, KeyError> {
        let pair = match algorithm {
            SigningAlgorithm::RS256 => {
                RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(Box::new(pair)))
            }
            SigningAlgorithm::ES256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256)
            }
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Ok(Self::new(algorithm, pair.map_err(|_| KeyError::NotGenerated(algorithm))?))
    }

    /// Reads a key of the given algorithm from a PKCS#8 document (RFC 5208).
    pub fn from_pkcs8(algorithm: SigningAlgorithm, der: &[u8]) -> Result<Self, KeyError> {
        let pair = match algorithm {
            SigningAlgorithm::RS256 => RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(Box::new(pair))),
            SigningAlgorithm::ES256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::P256)
            }
            SigningAlgorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed25519),
        };
        let malformed = |reason: aws_lc_rs::error::KeyRejected| KeyError::Malformed {
            algorithm,
            reason: reason.to_string(),
        };
        Ok(Self::new(algorithm, pair.map_err(malformed)?))
    }

    /// Serializes the private key as a PKCS#8 document; seal it before storing it.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let der = match &self.pair {
            Pair::Rsa(pair) => pair.as_der().map(|der| der.as_ref().to_vec()),
            Pair::P256(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().map(|der| der.as_ref().to_vec()),
        };
        der.map(Zeroizing::new).map_err(|_| KeyError::NotWritten)
    }

    /// Returns the id of the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the signature algorithm.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Returns the public key as it is published (RFC 7517 §4).
    pub fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }

    /// Returns the public key for verification: PKCS#1 for RSA, the uncompressed point for P-256, 32 bytes
    /// for Ed25519.
    pub fn public_bytes(&self) -> &[u8] {
        self.pair.public_bytes()
    }

    /// Signs `message`; the signature has the format of RFC 7518 §3.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .map(|()| signature)
            }
            Pair::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => pair.try_sign(message).map(|signature| signature.as_ref().to_vec()),
        };
        signature.map_err(|_| KeyError::NotSigned)
    }

    /// Returns the public key in the form that `jsonwebtoken` verifies signatures with.
    pub fn decoding_key(&self) -> DecodingKey {
        let public = self.public_bytes();
        match self.algorithm {
            SigningAlgorithm::RS256 => DecodingKey::from_rsa_der(public),
            SigningAlgorithm::ES256 => DecodingKey::from_ec_der(public),
            SigningAlgorithm::EdDsa => DecodingKey::from_ed_der(public),
        }
    }

    fn new(algorithm: SigningAlgorithm, pair: Pair) -> Self {
        let members = pair.members();
        // RFC 7638 §3: the required members in lexicographic order, without white space.
        let canonical: Vec<String> =
            members.iter().map(|(name, value)| format!(r#""{name}":"{value}""#)).collect();
        let canonical = format!("{{{}}}", canonical.join(","));
        let kid = URL_SAFE_NO_PAD.encode(sha256(canonical));
        let mut public_jwk = json!({ "use": "sig", "alg": algorithm.as_str(), "kid": kid });
        if let Value::Object(jwk) = &mut public_jwk {
            jwk.extend(members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))));
        }
        Self { algorithm, pair, kid, public_jwk }
    }
}

impl Pair {
    fn public_bytes(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::P256(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// Returns the required members of the JWK in lexicographic order (RFC 7638 §3.2, RFC 8037 §2).
    fn members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let key = pair.public_key();
                vec![
                    ("e", text(key.exponent().big_endian_without_leading_zero())),
                    ("kty", "RSA".to_owned()),
                    ("n", text(key.modulus().big_endian_without_leading_zero())),
                ]
            }
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) =
                    point.strip_prefix(&[4]).unwrap_or_default().split_at_checked(32).unwrap_or_default();
                vec![("crv", "P-256".to_owned()), ("kty", "EC".to_owned()), ("x", text(x)), ("y", text(y))]
            }
            Self::Ed25519(pair) => {
                let x = text(pair.public_key().as_ref());
                vec![("crv", "Ed25519".to_owned()), ("kty", "OKP".to_owned()), ("x", x)]
            }
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm.as_str(), self.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{
        Algorithm,
        jwk::{Jwk, ThumbprintHash},
    };

    fn is_signed(key: &SigningKey, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: Algorithm = key.algorithm().as_str().parse().unwrap();
        let signature = URL_SAFE_NO_PAD.encode(signature);
        jsonwebtoken::crypto::verify(&signature, message, &key.decoding_key(), algorithm).unwrap()
    }

    #[test]
    fn a_stored_key_is_read_back_unchanged() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8().unwrap()).unwrap();
            assert_eq!(again.kid(), key.kid());
            assert_eq!(again.public_jwk(), key.public_jwk());
            assert!(is_signed(&key, b"message", &again.sign(b"message").unwrap()));
        }
    }

    #[test]
    fn a_signature_verifies_only_for_its_own_message_and_key() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let signature = key.sign(b"message").unwrap();
            assert!(is_signed(&key, b"message", &signature));
            assert!(!is_signed(&key, b"massage", &signature));
            assert!(!is_signed(&key, b"message", &signature[1..]));
            assert!(!is_signed(&SigningKey::generate(algorithm).unwrap(), b"message", &signature));
        }
    }

    #[test]
    fn the_kid_equals_the_thumbprint_of_another_library() {
        for algorithm in SigningAlgorithm::ALL {
            let key = SigningKey::generate(algorithm).unwrap();
            let jwk: Jwk = serde_json::from_value(key.public_jwk().clone()).unwrap();
            assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), key.kid());
            assert_eq!(key.public_jwk()["use"], "sig");
            assert_eq!(key.public_jwk()["alg"], algorithm.as_str());
            assert_eq!(key.public_jwk().get("d"), None);
        }
    }

    #[test]
    fn a_document_with_another_kind_of_key_is_refused() {
        let der = SigningKey::generate(SigningAlgorithm::ES256).unwrap().to_pkcs8().unwrap();
        assert!(SigningKey::from_pkcs8(SigningAlgorithm::ES256, &der).is_ok());
        for other in [SigningAlgorithm::RS256, SigningAlgorithm::EdDsa] {
            let sentence = SigningKey::from_pkcs8(other, &der).unwrap_err().to_string();
            assert!(sentence.contains(other.as_str()), "{sentence}");
        }
        assert!(SigningKey::from_pkcs8(SigningAlgorithm::ES256, b"noise").is_err());
    }
}
