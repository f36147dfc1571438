use super::signing_key::SigningKey;
use crate::directory::SigningAlgorithm;
use serde_json::json;
use std::sync::Arc;

/// The signing keys of one workspace, parsed, with the document that publishes them (RFC 7517 §5).
#[derive(Debug)]
pub struct KeyRing {
    current: Vec<Arc<SigningKey>>,
    retired: Vec<Arc<SigningKey>>,
    jwks: String,
}

impl KeyRing {
    /// `current` sign, the first of each algorithm if there are several; `retired` only verify, and stay published
    /// until nothing that they signed can still be valid.
    pub fn new(current: Vec<SigningKey>, retired: Vec<SigningKey>) -> Self {
        let shared = |keys: Vec<SigningKey>| keys.into_iter().map(Arc::new).collect::<Vec<_>>();
        let (current, retired) = (shared(current), shared(retired));
        let published: Vec<_> = current.iter().chain(&retired).map(|key| key.public_jwk()).collect();
        let jwks = json!({ "keys": published }).to_string();
        Self { current, retired, jwks }
    }

    /// The key that signs by `algorithm`.
    pub fn current(&self, algorithm: SigningAlgorithm) -> Option<&Arc<SigningKey>> {
        self.current.iter().find(|key| key.algorithm() == algorithm)
    }

    /// The algorithms that something can be signed by, in the order in which discovery lists them.
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        SigningAlgorithm::ALL.into_iter().filter(|algorithm| self.current(*algorithm).is_some()).collect()
    }

    /// The key of this name, current or retired.
    pub fn find(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.current.iter().chain(&self.retired).find(|key| key.kid() == kid)
    }

    /// The JWK set, as it is served.
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
