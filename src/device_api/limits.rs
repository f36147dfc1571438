//! The rate limits and the stream limit of the device API, counted in this process (protocol §10).

use super::problem::{Code, Problem};
use crate::{
    clock::Timestamp,
    limits::{
        concurrency::{MAX_STREAMS_PER_DEVICE, Slot, Slots},
        rate_limit::{
            MAX_REMEMBERED_SOURCES, PROVEN_DEVICE_REQUESTS, RateLimited, RateLimiter,
            UNPROVEN_DEVICE_REQUESTS,
        },
    },
};
use ::entity::ids::AuthenticatorId;
use ipnet::IpNet;
use std::sync::Arc;

/// A thumbprint as text: 32 bytes in base64url.
type Thumbprint = [u8; 43];

/// The limits of this interface.
pub struct Limits {
    unproven: RateLimiter,
    proofs: RateLimiter<Thumbprint>,
    streams: Arc<Slots<AuthenticatorId>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unproven: RateLimiter::new(UNPROVEN_DEVICE_REQUESTS, MAX_REMEMBERED_SOURCES),
            proofs: RateLimiter::new(PROVEN_DEVICE_REQUESTS, MAX_REMEMBERED_SOURCES),
            streams: Slots::new(usize::MAX, MAX_STREAMS_PER_DEVICE),
        }
    }
}

impl Limits {
    /// Counts a request without a valid proof; returns `refusal`, or 429 over the limit.
    pub fn refuse_unproven(&self, source: IpNet, now: Timestamp, refusal: Problem) -> Problem {
        self.unproven.take(source, now).map_or_else(limited, |()| refusal)
    }

    /// Counts a request with a valid proof by the key of this thumbprint; the error is 429.
    pub fn count_proof(&self, thumbprint: &str, now: Timestamp) -> Result<(), Problem> {
        let Ok(thumbprint) = Thumbprint::try_from(thumbprint.as_bytes()) else { return Ok(()) };
        self.proofs.take(thumbprint, now).map_err(limited)
    }

    /// Takes a slot for one more event stream of `device`, released on drop; the error is 429.
    pub fn open_stream(&self, device: AuthenticatorId) -> Result<Slot<AuthenticatorId>, Problem> {
        self.streams.take(Some(device)).ok_or_else(|| wait(1))
    }
}

/// The problem document of a source or key over its limit.
pub fn limited(limited: RateLimited) -> Problem {
    wait(limited.retry_after_seconds)
}

/// The problem document of a rate-limited request: 429 with `Retry-After` in seconds.
pub fn wait(seconds: u32) -> Problem {
    Problem::new(Code::TooManyRequests, format!("wait {seconds} s before the next request"))
        .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    #[test]
    fn a_device_opens_two_streams_and_closing_one_allows_another() {
        let limits = Limits::default();
        let device = AuthenticatorId(Uuid::from_u128(1));
        let first = limits.open_stream(device).unwrap();
        let _second = limits.open_stream(device).unwrap();
        assert_eq!(limits.open_stream(device).err().map(|refusal| refusal.code), Some(Code::TooManyRequests));
        assert!(limits.open_stream(AuthenticatorId(Uuid::from_u128(2))).is_ok());
        drop(first);
        assert!(limits.open_stream(device).is_ok());
    }
}
