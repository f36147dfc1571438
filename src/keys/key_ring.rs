//! The signing keys of a workspace and the JWK set that publishes them (RFC 7517 §5).

use super::signing_key::SigningKey;
use crate::directory::SigningAlgorithm;
use serde_json::json;
use std::sync::Arc;

/// The parsed signing keys of one workspace, with their JWK set (RFC 7517 §5).
#[derive(Debug)]
pub struct KeyRing {
    current: Vec<Arc<SigningKey>>,
    retired: Vec<Arc<SigningKey>>,
    jwks: String,
}

impl KeyRing {
    /// Builds a ring. `current` keys sign; of several with one algorithm, the first signs. `retired` keys
    /// only verify and stay published until no token that they signed can be valid.
    pub fn new(current: Vec<SigningKey>, retired: Vec<SigningKey>) -> Self {
        let shared = |keys: Vec<SigningKey>| keys.into_iter().map(Arc::new).collect::<Vec<_>>();
        let (current, retired) = (shared(current), shared(retired));
        let published: Vec<_> = current.iter().chain(&retired).map(|key| key.public_jwk()).collect();
        let jwks = json!({ "keys": published }).to_string();
        Self { current, retired, jwks }
    }

    /// Returns the key that signs with `algorithm`.
    pub fn current(&self, algorithm: SigningAlgorithm) -> Option<&Arc<SigningKey>> {
        self.current.iter().find(|key| key.algorithm() == algorithm)
    }

    /// Returns the algorithms that have a current key, in the order in which discovery lists them.
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        SigningAlgorithm::ALL.into_iter().filter(|algorithm| self.current(*algorithm).is_some()).collect()
    }

    /// Finds a key by its `kid`, current or retired.
    pub fn find(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.current.iter().chain(&self.retired).find(|key| key.kid() == kid)
    }

    /// Returns the JWK set as JSON text, ready to be served.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_published_and_found_but_only_current_ones_sign() {
        let make = |algorithm| SigningKey::generate(algorithm).unwrap();
        let (old, new) = (make(SigningAlgorithm::ES256), make(SigningAlgorithm::ES256));
        let (old_kid, new_kid) = (old.kid().to_owned(), new.kid().to_owned());
        let ring = KeyRing::new(vec![new, make(SigningAlgorithm::EdDsa)], vec![old]);

        assert_eq!(ring.current(SigningAlgorithm::ES256).unwrap().kid(), new_kid);
        assert!(ring.current(SigningAlgorithm::RS256).is_none());
        assert_eq!(ring.algorithms(), [SigningAlgorithm::ES256, SigningAlgorithm::EdDsa]);
        assert!(ring.find(&old_kid).is_some() && ring.find("stranger").is_none());

        let jwks: serde_json::Value = serde_json::from_str(ring.jwks()).unwrap();
        let kids: Vec<_> =
            jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert_eq!(kids.len(), 3);
        assert!(kids.contains(&old_kid.as_str()) && kids.contains(&new_kid.as_str()));
        assert!(jwks["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    }
}
