//! The signing keys of a workspace and the JWK set that publishes them (RFC 7517 §5).

use super::signing_key::SigningKey;
use crate::clock::Timestamp;
use crate::directory::SigningAlgorithm;
use serde_json::json;
use std::sync::Arc;

/// The parsed signing keys of one workspace, with their JWK set (RFC 7517 §5).
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<PublishedKey>,
    jwks: String,
}

/// A key that everyone may verify with.
#[derive(Debug)]
struct PublishedKey {
    key: Arc<SigningKey>,
    /// When it begins to sign; `None` for one that signs no more.
    signs_from: Option<Timestamp>,
}

impl KeyRing {
    /// Builds a ring of the keys with the time at which each begins to sign, or `None` for one that only verifies. All
    /// of them are published.
    pub fn new(keys: Vec<(SigningKey, Option<Timestamp>)>) -> Self {
        let keys: Vec<PublishedKey> = keys
            .into_iter()
            .map(|(key, signs_from)| PublishedKey { key: Arc::new(key), signs_from })
            .collect();
        let published: Vec<_> = keys.iter().map(|published| published.key.public_jwk()).collect();
        let jwks = json!({ "keys": published }).to_string();
        Self { keys, jwks }
    }

    /// Returns the key that signs with `algorithm` at `now`: the newest that has been published for long enough. If
    /// there is none, because all older ones were retired, the next one signs early.
    pub fn current(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&Arc<SigningKey>> {
        let order = |(at, key): &(Timestamp, &Arc<SigningKey>)| (*at, key.kid().to_owned());
        let own = self.keys.iter().filter(|published| published.key.algorithm() == algorithm);
        let timed: Vec<_> =
            own.filter_map(|published| published.signs_from.map(|at| (at, &published.key))).collect();
        let due = timed.iter().filter(|(at, _)| *at <= now).max_by_key(|timed| order(timed));
        due.or_else(|| timed.iter().min_by_key(|timed| order(timed))).map(|(_, key)| *key)
    }

    /// Returns the algorithms that have a key that signs, in the order in which discovery lists them.
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        let signs = |algorithm| {
            let mut keys = self.keys.iter();
            keys.any(|published| published.signs_from.is_some() && published.key.algorithm() == algorithm)
        };
        SigningAlgorithm::ALL.into_iter().filter(|algorithm| signs(*algorithm)).collect()
    }

    /// Finds a published key by its `kid`.
    pub fn find(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        self.keys.iter().map(|published| &published.key).find(|key| key.kid() == kid)
    }

    /// Returns the JWK set as JSON text, ready to be served.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);

    fn make(algorithm: SigningAlgorithm) -> (SigningKey, String) {
        let key = SigningKey::generate(algorithm).unwrap();
        let kid = key.kid().to_owned();
        (key, kid)
    }

    #[test]
    fn all_keys_are_published_and_found_but_only_some_sign() {
        let ((old, old_kid), (new, new_kid)) = (make(SigningAlgorithm::ES256), make(SigningAlgorithm::ES256));
        let (other, _) = make(SigningAlgorithm::EdDsa);
        let ring = KeyRing::new(vec![(new, Some(NOW)), (other, Some(NOW)), (old, None)]);

        assert_eq!(ring.current(SigningAlgorithm::ES256, NOW).unwrap().kid(), new_kid);
        assert!(ring.current(SigningAlgorithm::RS256, NOW).is_none());
        assert_eq!(ring.algorithms(), [SigningAlgorithm::ES256, SigningAlgorithm::EdDsa]);
        assert!(ring.find(&old_kid).is_some() && ring.find("stranger").is_none());

        let jwks: serde_json::Value = serde_json::from_str(ring.jwks()).unwrap();
        let kids: Vec<_> =
            jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert_eq!(kids.len(), 3);
        assert!(kids.contains(&old_kid.as_str()) && kids.contains(&new_kid.as_str()));
        assert!(jwks["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
    }

    #[test]
    fn a_new_key_signs_when_its_time_has_come_and_never_before_unless_it_is_the_only_one() {
        let ((old, old_kid), (new, new_kid)) = (make(SigningAlgorithm::ES256), make(SigningAlgorithm::ES256));
        let ring = KeyRing::new(vec![(new, Some(NOW)), (old, Some(NOW.plus_seconds(-1000)))]);
        for (seconds, expected) in [(-2000, &old_kid), (-1, &old_kid), (0, &new_kid), (9000, &new_kid)] {
            let signs = ring.current(SigningAlgorithm::ES256, NOW.plus_seconds(seconds)).unwrap();
            assert_eq!(signs.kid(), expected, "{seconds}");
        }
        let (alone, kid) = make(SigningAlgorithm::ES256);
        let ring = KeyRing::new(vec![(alone, Some(NOW))]);
        assert_eq!(ring.current(SigningAlgorithm::ES256, NOW.plus_seconds(-1)).unwrap().kid(), kid);
    }
}
