//! Voluntary application server identification (VAPID, RFC 8292): signed tokens for push services.

use super::error::KeyError;
use super::signing_key::SigningKey;
use crate::clock::Timestamp;
use crate::directory::SigningAlgorithm;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// RFC 8292 §2 allows 24 hours; half of that tolerates clocks that differ.
const TOKEN_LIFETIME_SECONDS: i64 = 12 * 3600;
/// A cached token is replaced when it expires within this time.
const RENEW_BEFORE_EXPIRY_SECONDS: i64 = 3600;
/// The maximum number of cached tokens, one for each origin of a push service; a handful of services exist.
const MAX_CACHED_ORIGINS: usize = 64;

/// A key that identifies this server to push services (RFC 8292).
#[derive(Debug)]
pub struct VapidKey {
    key: SigningKey,
    public_key: String,
    contact: String,
    tokens: Mutex<BTreeMap<String, Token>>,
}

#[derive(Clone, Debug)]
struct Token {
    expires_at: Timestamp,
    text: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl VapidKey {
    /// Accepts an ES256 key and a contact for push services, a `mailto:` or `https:` URI.
    pub fn new(key: SigningKey, contact: String) -> Result<Self, KeyError> {
        if key.algorithm() != SigningAlgorithm::ES256 {
            return Err(KeyError::NotForPush(key.algorithm()));
        }
        if !contact.starts_with("mailto:") && !contact.starts_with("https://") {
            return Err(KeyError::Contact(contact));
        }
        let public_key = URL_SAFE_NO_PAD.encode(key.public_bytes());
        Ok(Self { key, public_key, contact, tokens: Mutex::default() })
    }

    /// Returns the id of the key.
    pub fn kid(&self) -> &str {
        self.key.kid()
    }

    /// Returns the public key as browsers subscribe with it: 65 bytes in 87 characters of base64url.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// Returns the value of the `Authorization` header for a push service at `origin` (RFC 8292 §3).
    pub fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, KeyError> {
        let token = match self.remembered(origin, now) {
            Some(token) => token,
            None => self.sign(origin, now)?,
        };
        Ok(format!("vapid t={token}, k={}", self.public_key))
    }

    fn remembered(&self, origin: &str, now: Timestamp) -> Option<String> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(origin)?;
        (token.expires_at.seconds_since(now) > RENEW_BEFORE_EXPIRY_SECONDS).then(|| token.text.clone())
    }

    fn sign(&self, origin: &str, now: Timestamp) -> Result<String, KeyError> {
        let expires_at = now.plus_seconds(TOKEN_LIFETIME_SECONDS);
        let claims = Claims { aud: origin, exp: expires_at.unix_seconds(), sub: &self.contact };
        let text = self.key.sign_jws(Some("JWT"), &claims)?;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_CACHED_ORIGINS {
            tokens.clear();
        }
        tokens.insert(origin.to_owned(), Token { expires_at, text: text.clone() });
        Ok(text)
    }
}

/// The keys of this server for push services: a subscription works only with the key of its creation.
#[derive(Clone, Debug)]
pub struct VapidKeys {
    current: Arc<VapidKey>,
    older: Vec<Arc<VapidKey>>,
}

impl VapidKeys {
    /// `current` is the key of new subscriptions.
    pub fn new(current: VapidKey, older: Vec<VapidKey>) -> Self {
        Self { current: Arc::new(current), older: older.into_iter().map(Arc::new).collect() }
    }

    /// Returns the key of new subscriptions.
    pub fn current(&self) -> &Arc<VapidKey> {
        &self.current
    }

    /// Finds a key by its id.
    pub fn find(&self, kid: &str) -> Option<&Arc<VapidKey>> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.kid() == kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_795_000_000);
    const ORIGIN: &str = "https://push.example";

    fn key() -> VapidKey {
        let key = SigningKey::generate(SigningAlgorithm::ES256).unwrap();
        VapidKey::new(key, "mailto:operator@idp.example".to_owned()).unwrap()
    }

    fn claims(authorization: &str) -> Value {
        let token = authorization.strip_prefix("vapid t=").unwrap().split(',').next().unwrap();
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    }

    #[test]
    fn the_token_names_its_audience_contact_and_expiry() {
        let key = key();
        let authorization = key.authorization(ORIGIN, NOW).unwrap();
        let claims = claims(&authorization);
        assert_eq!(claims["aud"], ORIGIN);
        assert_eq!(claims["sub"], "mailto:operator@idp.example");
        assert_eq!(claims["exp"], NOW.unix_seconds() + 12 * 3600);
        assert!(authorization.ends_with(&format!(", k={}", key.public_key())));
        assert_eq!(key.public_key().len(), 87);
        assert_eq!(URL_SAFE_NO_PAD.decode(key.public_key()).unwrap()[0], 4);
    }

    #[test]
    fn a_token_is_reused_until_its_last_hour() {
        let key = key();
        let first = key.authorization(ORIGIN, NOW).unwrap();
        assert_eq!(key.authorization(ORIGIN, NOW.plus_seconds(11 * 3600 - 1)).unwrap(), first);
        assert_ne!(key.authorization("https://other.example", NOW).unwrap(), first);
        let renewed = key.authorization(ORIGIN, NOW.plus_seconds(11 * 3600)).unwrap();
        assert_eq!(claims(&renewed)["exp"], NOW.unix_seconds() + 23 * 3600);
    }

    #[test]
    fn the_number_of_cached_origins_is_bounded() {
        let key = key();
        for number in 0..3 * MAX_CACHED_ORIGINS {
            key.authorization(&format!("https://{number}.example"), NOW).unwrap();
            assert!(key.tokens.lock().unwrap().len() <= MAX_CACHED_ORIGINS);
        }
    }

    #[test]
    fn other_keys_and_contacts_are_refused() {
        let make = |algorithm, contact: &str| {
            VapidKey::new(SigningKey::generate(algorithm).unwrap(), contact.to_owned())
        };
        assert!(make(SigningAlgorithm::ES256, "https://idp.example/contact").is_ok());
        assert!(matches!(make(SigningAlgorithm::EdDsa, "mailto:a@b.example"), Err(KeyError::NotForPush(_))));
        for contact in ["", "operator@idp.example", "http://idp.example"] {
            assert!(matches!(make(SigningAlgorithm::ES256, contact), Err(KeyError::Contact(_))), "{contact}");
        }
    }

    #[test]
    fn a_subscription_finds_the_key_that_it_was_created_with() {
        let (current, older) = (key(), key());
        let (current_kid, older_kid) = (current.kid().to_owned(), older.kid().to_owned());
        let keys = VapidKeys::new(current, vec![older]);
        assert_eq!(keys.current().kid(), current_kid);
        assert_eq!(keys.find(&older_kid).unwrap().kid(), older_kid);
        assert_eq!(keys.find(&current_kid).unwrap().kid(), current_kid);
        assert!(keys.find("stranger").is_none());
    }
}
