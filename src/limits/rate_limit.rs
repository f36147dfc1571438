//! Rate limits: at most so many actions of one source in a window of time. Counters are in this process, with
//! bounded memory; failures of one account are counted in the database, see [`lockout`](super::lockout).
//!
//! Never reads the clock and never decides the response: the caller passes `now` and answers 429.
//! Spec: RFC 6585 §4 (429), RFC 9110 §10.2.3 (`Retry-After`). Called by: `oidc`, `signin` and `device_api`.

use crate::clock::Timestamp;
use ipnet::IpNet;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

/// The number of actions that one key may take in a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The maximum number of actions in one window.
    pub max_actions: u32,
    /// The length of the window in seconds; it opens with the first action.
    pub window_seconds: u32,
}

/// Failed authentications with one client id from one source, whether a client has the id or not: otherwise
/// the limit would tell. A deployment with an old secret recovers within a minute. Secrets have 256 bits, so
/// this limit saves work and audit events; it is not what makes guessing hopeless.
pub const CLIENT_AUTHENTICATION_FAILURES: RateLimit = RateLimit { max_actions: 50, window_seconds: 60 };
/// Audit events about unknown client ids from one source: made-up ids must not fill the audit log.
pub const UNKNOWN_CLIENT_EVENTS: RateLimit = RateLimit { max_actions: 50, window_seconds: 60 };
/// Claims of enrollments that do not exist, from one source (authenticator protocol §10).
pub const FAILED_CLAIMS: RateLimit = RateLimit { max_actions: 5, window_seconds: 15 * 60 };
/// Requests of devices without a valid proof, from one source (authenticator protocol §10).
pub const UNPROVEN_DEVICE_REQUESTS: RateLimit = RateLimit { max_actions: 20, window_seconds: 60 };
/// Requests with a valid proof by one device key (authenticator protocol §10).
pub const PROVEN_DEVICE_REQUESTS: RateLimit = RateLimit { max_actions: 60, window_seconds: 60 };
/// Seconds in which wrong passwords and codes of one source are counted, over all accounts.
pub const WRONG_ANSWER_WINDOW_SECONDS: u32 = 600;
/// Number of sources and device keys that one rate limiter tracks; beyond it the oldest window is dropped.
pub const MAX_REMEMBERED_SOURCES: usize = 100_000;
/// Number of pairs of source and client id that are tracked; beyond it the oldest window is dropped.
pub const MAX_REMEMBERED_CLIENT_SOURCES: usize = 10_000;

/// Counts failed authentications with each client id, by its SHA-256, from each source.
pub type ClientFailures = RateLimiter<(IpNet, [u8; 32])>;

/// Counts the actions of each source under one [`RateLimit`]; `Key` identifies a source.
#[derive(Debug)]
pub struct RateLimiter<Key = IpNet> {
    limit: RateLimit,
    max_keys: usize,
    open: Mutex<Windows<Key>>,
}

/// The open windows, by source and by the time of their opening.
#[derive(Debug)]
struct Windows<Key> {
    by_source: BTreeMap<Key, (Timestamp, u32)>,
    by_age: BTreeSet<(Timestamp, Key)>,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rate limited; retry after {retry_after_seconds} s")]
pub struct RateLimited {
    /// The seconds until the window closes, for `Retry-After`.
    pub retry_after_seconds: u32,
}

impl<Key: Ord + Copy> RateLimiter<Key> {
    /// Applies `limit` to each source. At most `max_keys` sources are tracked; beyond that the oldest window
    /// is dropped.
    pub fn new(limit: RateLimit, max_keys: usize) -> Self {
        let open = Windows { by_source: BTreeMap::new(), by_age: BTreeSet::new() };
        Self { limit, max_keys, open: Mutex::new(open) }
    }

    /// Checks whether `source` may act. Call it before the action when only failures are counted.
    pub fn check(&self, source: Key, now: Timestamp) -> Result<(), RateLimited> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.by_source.get(&source) {
            Some((since, count)) if *count >= self.limit.max_actions && !self.is_over(*since, now) => {
                let left_milliseconds = self.end_of(*since).0.saturating_sub(now.0);
                let retry_after_seconds =
                    u32::try_from(left_milliseconds.saturating_add(999) / 1000).unwrap_or(u32::MAX);
                Err(RateLimited { retry_after_seconds })
            }
            _ => Ok(()),
        }
    }

    /// Counts one action of `source`.
    pub fn count(&self, source: Key, now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((since, count)) = open.by_source.get_mut(&source)
            && !self.is_over(*since, now)
        {
            *count = count.saturating_add(1);
            return;
        }
        open.close(source);
        while open.by_source.len() >= self.max_keys
            && let Some((_, oldest)) = open.by_age.first().copied()
        {
            open.close(oldest);
        }
        open.by_source.insert(source, (now, 1));
        open.by_age.insert((now, source));
    }

    /// Whether a window that opened at `since` is closed.
    fn is_over(&self, since: Timestamp, now: Timestamp) -> bool {
        now >= self.end_of(since)
    }

    /// The end of a window that opened at `since`.
    fn end_of(&self, since: Timestamp) -> Timestamp {
        since.plus_seconds(i64::from(self.limit.window_seconds))
    }
}

impl<Key: Ord + Copy> Windows<Key> {
    /// Removes the window of `source`.
    fn close(&mut self, source: Key) {
        if let Some((since, _)) = self.by_source.remove(&source) {
            self.by_age.remove(&(since, source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(last: u8) -> IpNet {
        std::net::IpAddr::from([192, 0, 2, last]).into()
    }

    #[test]
    fn a_limit_applies_to_its_own_source_and_ends_with_the_window() {
        let limiter = RateLimiter::new(RateLimit { max_actions: 2, window_seconds: 600 }, 10);
        let at = Timestamp::from_unix_seconds;
        for second in [0, 1] {
            assert_eq!(limiter.check(network(1), at(second)), Ok(()));
            limiter.count(network(1), at(second));
        }
        assert_eq!(limiter.check(network(1), at(2)), Err(RateLimited { retry_after_seconds: 598 }));
        assert_eq!(limiter.check(network(2), at(2)), Ok(()));
        assert_eq!(limiter.check(network(1), at(600)), Ok(()));
        limiter.count(network(1), at(600));
        assert_eq!(limiter.check(network(1), at(601)), Ok(()));
    }

    proptest! {
        #[test]
        fn the_number_of_tracked_sources_is_bounded(acts in proptest::collection::vec((0_u8..20, 0_i64..5), 1..200)) {
            let limiter = RateLimiter::new(RateLimit { max_actions: 3, window_seconds: 10 }, 5);
            let mut now = 0;
            for (source, step) in acts {
                now += step;
                limiter.count(network(source), Timestamp::from_unix_seconds(now));
                let open = limiter.open.lock().unwrap();
                prop_assert!(open.by_source.len() <= 5);
                prop_assert_eq!(open.by_source.len(), open.by_age.len());
            }
        }
    }
}
