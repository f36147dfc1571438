//! Rate limits: at most so many actions of one source in a window of time. Counters are in this process, with
//! bounded memory; failures of one account are counted in the database, see [`lockout`](super::lockout).
//!
//! Never reads the clock and never decides the response: the caller passes `now` and answers 429.
//! Spec: RFC 6585 §4 (429), RFC 9110 §10.2.3 (`Retry-After`). Called by: `oidc`, `signin` and `device_api`.

use super::networks::Counted;
use crate::clock::Timestamp;
use ipnet::IpNet;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
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
/// Audit events about failed authentications with one client id, whether a client has it or not: an application with an
/// old secret repeats its request for ever.
pub const CLIENT_FAILURE_EVENTS: RateLimit = RateLimit { max_actions: 1, window_seconds: 3600 };
/// Requests of devices without a valid proof, from one source (authenticator protocol §10).
pub const UNPROVEN_DEVICE_REQUESTS: RateLimit = RateLimit { max_actions: 20, window_seconds: 60 };
/// Requests with a valid proof by one device key (authenticator protocol §10).
pub const PROVEN_DEVICE_REQUESTS: RateLimit = RateLimit { max_actions: 60, window_seconds: 60 };
/// Seconds in which wrong passwords and codes of one source are counted, over all accounts.
pub const WRONG_ANSWER_WINDOW_SECONDS: u32 = 600;
/// Seconds in which the writes of one source are counted that its requests cause before they have proved anything.
pub const ANONYMOUS_WRITE_WINDOW_SECONDS: u32 = 60;
/// Number of sources and device keys that one rate limiter tracks; beyond it the oldest window is dropped.
pub const MAX_REMEMBERED_SOURCES: usize = 100_000;
/// Number of pairs of source and client id that are tracked; beyond it the oldest window is dropped.
pub const MAX_REMEMBERED_CLIENT_SOURCES: usize = 10_000;

/// Counts failed authentications with each client id, by its SHA-256, from each source.
pub type ClientFailures = RateLimiter<(IpNet, [u8; 32])>;

/// Counts the actions of each source under one [`RateLimit`]; `Key` identifies a source. An IPv6 source is counted in
/// its wider networks as well, see [`Counted`].
#[derive(Debug)]
pub struct RateLimiter<Key: Counted + Copy = IpNet> {
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

/// One action that was counted before its outcome is known. Dropped without [`Reservation::keep`], it is taken back:
/// the action was no failure, or did not happen.
#[derive(Debug)]
#[must_use = "a reservation that is dropped counts nothing"]
pub struct Reservation<'a, Key: Counted + Copy = IpNet> {
    limiter: &'a RateLimiter<Key>,
    counted: Option<(Key, Timestamp)>,
}

impl<Key: Counted + Copy> RateLimiter<Key> {
    /// Applies `limit` to each source. At most `max_keys` sources are tracked; beyond that the oldest window
    /// is dropped.
    pub fn new(limit: RateLimit, max_keys: usize) -> Self {
        let open = Windows { by_source: BTreeMap::new(), by_age: BTreeSet::new() };
        Self { limit, max_keys, open: Mutex::new(open) }
    }

    /// Checks whether `source` may act.
    pub fn check(&self, source: Key, now: Timestamp) -> Result<(), RateLimited> {
        self.check_in(&self.windows(), source, now)
    }

    /// Counts one action of `source`, also over the limit.
    pub fn count(&self, source: Key, now: Timestamp) {
        self.count_in(&mut self.windows(), source, now);
    }

    /// Counts one action of `source` before its work, so that of simultaneous ones no more than the limit begin. Keep
    /// the reservation where the action counts, such as a wrong answer.
    pub fn reserve(&self, source: Key, now: Timestamp) -> Result<Reservation<'_, Key>, RateLimited> {
        let mut open = self.windows();
        self.check_in(&open, source, now)?;
        self.count_in(&mut open, source, now);
        Ok(Reservation { limiter: self, counted: Some((source, now)) })
    }

    /// Counts one action of `source`, unless the limit is reached.
    pub fn take(&self, source: Key, now: Timestamp) -> Result<(), RateLimited> {
        self.reserve(source, now).map(Reservation::keep)
    }

    fn windows(&self) -> MutexGuard<'_, Windows<Key>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_in(&self, open: &Windows<Key>, source: Key, now: Timestamp) -> Result<(), RateLimited> {
        let full = source.levels().into_iter().flatten().filter_map(|(key, factor)| {
            let (since, count) = open.by_source.get(&key)?;
            let is_full = *count >= self.limit.max_actions.saturating_mul(factor);
            (is_full && !self.is_over(*since, now)).then(|| self.end_of(*since))
        });
        let Some(until) = full.max() else { return Ok(()) };
        let seconds = until.0.saturating_sub(now.0).saturating_add(999) / 1000;
        Err(RateLimited { retry_after_seconds: u32::try_from(seconds).unwrap_or(u32::MAX) })
    }

    fn count_in(&self, open: &mut Windows<Key>, source: Key, now: Timestamp) {
        for (key, _) in source.levels().into_iter().flatten() {
            match open.by_source.get_mut(&key) {
                Some((since, count)) if !self.is_over(*since, now) => *count = count.saturating_add(1),
                _ => open.open(key, now, self.max_keys),
            }
        }
    }

    /// Takes an action back that was counted at `at`, where its window is still the same.
    fn uncount(&self, source: Key, at: Timestamp) {
        let mut open = self.windows();
        for (key, _) in source.levels().into_iter().flatten() {
            match open.by_source.get_mut(&key) {
                Some((since, count)) if *since <= at && *count > 1 => *count -= 1,
                Some((since, _)) if *since <= at => open.close(key),
                _ => {}
            }
        }
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

impl<Key: Counted + Copy> Reservation<'_, Key> {
    /// Keeps the action counted.
    pub fn keep(mut self) {
        self.counted = None;
    }
}

impl<Key: Counted + Copy> Drop for Reservation<'_, Key> {
    fn drop(&mut self) {
        if let Some((source, at)) = self.counted.take() {
            self.limiter.uncount(source, at);
        }
    }
}

impl<Key: Counted + Copy> Windows<Key> {
    /// Opens the window of `source` with one action.
    fn open(&mut self, source: Key, now: Timestamp, max_keys: usize) {
        self.close(source);
        while self.by_source.len() >= max_keys
            && let Some((_, oldest)) = self.by_age.first().copied()
        {
            self.close(oldest);
        }
        self.by_source.insert(source, (now, 1));
        self.by_age.insert((now, source));
    }

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

    #[test]
    fn an_ipv6_source_shares_its_wider_networks_and_they_have_higher_limits() {
        let limiter = RateLimiter::new(RateLimit { max_actions: 2, window_seconds: 600 }, 1000);
        let subnet = |third, fourth| {
            let address = std::net::Ipv6Addr::new(0x2001, 0xdb8, third, fourth, 0, 0, 0, 0);
            IpNet::new(address.into(), 64).unwrap()
        };
        let take = |network| limiter.take(network, Timestamp(0)).is_ok();
        let taken =
            |networks: &[IpNet]| networks.iter().map(|network| take(*network)).filter(|is| *is).count();
        let of_56: Vec<IpNet> = (0..8).flat_map(|n| [subnet(1, n), subnet(1, n), subnet(1, n)]).collect();
        assert_eq!(taken(&of_56), 8, "four times the limit in a /56");
        assert!(take(subnet(1, 0x0100)), "another /56 of the same /48");
        let of_48: Vec<IpNet> = (1..32).map(|n| subnet(1, n * 0x100)).collect();
        assert_eq!(taken(&of_48), 32 - 9, "sixteen times the limit in a /48");
        assert!(take(subnet(2, 0)), "another /48");
    }

    #[test]
    fn a_reservation_counts_until_it_is_dropped_and_for_good_when_it_is_kept() {
        let limiter = RateLimiter::new(RateLimit { max_actions: 2, window_seconds: 600 }, 10);
        let reserve = |second| limiter.reserve(network(1), Timestamp::from_unix_seconds(second));
        let (first, second) = (reserve(0).unwrap(), reserve(0).unwrap());
        assert!(reserve(0).is_err(), "both places are taken while the work goes on");
        drop(first);
        reserve(0).unwrap().keep();
        assert!(reserve(0).is_err());
        drop(second);
        assert!(reserve(0).is_ok());
        let late = reserve(0).unwrap();
        reserve(700).unwrap().keep();
        drop(late);
        reserve(700).unwrap().keep();
        assert!(reserve(700).is_err(), "an action of an earlier window is not taken back from a later one");
    }

    #[test]
    fn of_simultaneous_actions_no_more_than_the_limit_begin() {
        let limiter = RateLimiter::new(RateLimit { max_actions: 5, window_seconds: 600 }, 10);
        let barrier = std::sync::Barrier::new(20);
        let begun = std::thread::scope(|scope| {
            let act = || {
                barrier.wait();
                let reservation = limiter.reserve(network(1), Timestamp(0));
                barrier.wait();
                reservation.map(Reservation::keep).is_ok()
            };
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(act)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|has_begun| *has_begun).count()
        });
        assert_eq!(begun, 5);
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
