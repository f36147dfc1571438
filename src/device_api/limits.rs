//! How much one address and one device may ask, counted in this process (protocol §10).

use super::problem::{Code, Problem};
use crate::{
    clock::Timestamp,
    config::Network,
    limits::rate_limit::{
        FAILED_CLAIMS, MAX_REMEMBERED_SOURCES, PROVEN_DEVICE_REQUESTS, RateLimiter, UNPROVEN_DEVICE_REQUESTS,
    },
};
use ::entity::ids::AuthenticatorId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Event streams that one device may have open.
const MAX_STREAMS_PER_DEVICE: u8 = 2;

/// A thumbprint as text: 32 bytes in base64url.
type Thumbprint = [u8; 43];

/// The budgets of this face.
pub struct Limits {
    claims: RateLimiter,
    unproven: RateLimiter,
    proofs: RateLimiter<Thumbprint>,
    streams: Arc<Mutex<BTreeMap<AuthenticatorId, u8>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            claims: RateLimiter::new(FAILED_CLAIMS, MAX_REMEMBERED_SOURCES),
            unproven: RateLimiter::new(UNPROVEN_DEVICE_REQUESTS, MAX_REMEMBERED_SOURCES),
            proofs: RateLimiter::new(PROVEN_DEVICE_REQUESTS, MAX_REMEMBERED_SOURCES),
            streams: Arc::default(),
        }
    }
}

impl Limits {
    /// Whether `source` may claim: five failures in 15 minutes are enough.
    pub fn check_claim(&self, source: Network, now: Timestamp) -> Result<(), Problem> {
        self.claims.check(source, now).map_err(|limited| wait(limited.retry_after_seconds))
    }

    /// Counts a claim of something that is not there.
    pub fn count_claim_failure(&self, source: Network, now: Timestamp) {
        self.claims.count(source, now);
    }

    /// What a source is told that has not proven a key: `refusal`, until it has been told so too often.
    pub fn refuse_unproven(&self, source: Network, now: Timestamp, refusal: Problem) -> Problem {
        if let Err(limited) = self.unproven.check(source, now) {
            return wait(limited.retry_after_seconds);
        }
        self.unproven.count(source, now);
        refusal
    }

    /// Counts a request with a good proof by the key of this thumbprint.
    pub fn count_proof(&self, thumbprint: &str, now: Timestamp) -> Result<(), Problem> {
        let Ok(thumbprint) = Thumbprint::try_from(thumbprint.as_bytes()) else { return Ok(()) };
        self.proofs.check(thumbprint, now).map_err(|limited| wait(limited.retry_after_seconds))?;
        self.proofs.count(thumbprint, now);
        Ok(())
    }

    /// A place for one more event stream of `device`, given back when it is dropped.
    pub fn open_stream(&self, device: AuthenticatorId) -> Result<StreamPlace, Problem> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let open = streams.entry(device).or_default();
        if *open >= MAX_STREAMS_PER_DEVICE {
            return Err(wait(1));
        }
        *open += 1;
        Ok(StreamPlace { device, streams: Arc::clone(&self.streams) })
    }
}

/// The place of one event stream.
pub struct StreamPlace {
    device: AuthenticatorId,
    streams: Arc<Mutex<BTreeMap<AuthenticatorId, u8>>>,
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = streams.get_mut(&self.device) {
            *open -= 1;
            if *open == 0 {
                streams.remove(&self.device);
            }
        }
    }
}

/// Not now.
pub fn wait(seconds: u32) -> Problem {
    Problem::new(Code::TooManyRequests, format!("wait {seconds} s before the next request"))
        .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    #[test]
    fn a_device_has_two_streams_and_a_closed_one_makes_room() {
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
