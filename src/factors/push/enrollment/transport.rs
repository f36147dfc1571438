//! The transport by which a device receives challenges.

use crate::digest::sha256;
use crate::factors::push::text::from_b64u;
use serde::{Deserialize, Serialize};

/// The transport that a device registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Transport {
    /// Web Push (RFC 8030, RFC 8291); also UnifiedPush.
    Webpush {
        /// The push service's URL for this subscription.
        endpoint: String,
        /// The subscription's public key, 65 bytes in base64url.
        p256dh: String,
        /// The subscription's secret, 16 bytes in base64url.
        auth: String,
        /// The id of the VAPID key of the subscription (RFC 8292).
        vapid_kid: String,
    },
    /// No push: the authenticator polls.
    None,
}

impl Transport {
    /// Checks the form; the error names the defect. The outbox decides which hosts an endpoint may have.
    pub fn check(&self) -> Result<(), &'static str> {
        let Self::Webpush { endpoint, p256dh, auth, vapid_kid } = self else { return Ok(()) };
        if endpoint.len() > 1000 || !endpoint.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("transport.endpoint must be a URL of at most 1000 ASCII characters");
        }
        if from_b64u(p256dh).is_none_or(|point| point.len() != 65 || point.first() != Some(&4)) {
            return Err("transport.p256dh must be an uncompressed P-256 point, 65 bytes in base64url");
        }
        if from_b64u(auth).is_none_or(|secret| secret.len() != 16) {
            return Err("transport.auth must be 16 bytes in base64url");
        }
        if vapid_kid.is_empty() || vapid_kid.len() > 64 {
            return Err("transport.vapid_kid must be the id of the VAPID key of the subscription");
        }
        Ok(())
    }
}

/// Computes `endpoint_sha256`, by which a web app compares its subscription with the stored one.
pub fn endpoint_hash(endpoint: &str) -> [u8; 32] {
    sha256(endpoint.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::push::text::b64u;

    #[test]
    fn a_subscription_needs_a_point_and_a_secret() {
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
