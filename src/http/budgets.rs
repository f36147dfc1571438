//! Rate limits: actions of one source in a time window, counted in this process and bounded in memory.
//!
//! A window opens with the first action and closes after its duration; then the count starts again. Counters
//! of accounts are in the database; these limits add one for each source over all accounts.

use crate::clock::Timestamp;
use ipnet::IpNet;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A limit on the number of actions of each source in a window of time; `Key` identifies a source.
#[derive(Debug)]
pub struct Budgets<Key = IpNet> {
    most: u32,
    window_ms: i64,
    sources: usize,
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
pub struct Spent {
    /// The seconds until the window closes, for `Retry-After`.
    pub retry_after_seconds: u32,
}

impl<Key: Ord + Copy> Budgets<Key> {
    /// Allows `most` actions in `window` for each source. At most `sources` sources are tracked; beyond that
    /// the oldest window is dropped.
    pub fn new(most: u32, window: Duration, sources: usize) -> Self {
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let open = Windows { by_source: BTreeMap::new(), by_age: BTreeSet::new() };
        Self { most, window_ms, sources, open: Mutex::new(open) }
    }

    /// Checks whether `source` may act. Call it before the action when only failures are counted.
    pub fn check(&self, source: Key, now: Timestamp) -> Result<(), Spent> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.by_source.get(&source) {
            Some((since, count)) if *count >= self.most && !self.is_over(*since, now) => {
                let left_ms = since.0.saturating_add(self.window_ms).saturating_sub(now.0);
                let retry_after_seconds =
                    u32::try_from(left_ms.saturating_add(999) / 1000).unwrap_or(u32::MAX);
                Err(Spent { retry_after_seconds })
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
        while open.by_source.len() >= self.sources
            && let Some((_, oldest)) = open.by_age.first().copied()
        {
            open.close(oldest);
        }
        open.by_source.insert(source, (now, 1));
        open.by_age.insert((now, source));
    }

    /// Whether a window that opened at `since` is closed.
    fn is_over(&self, since: Timestamp, now: Timestamp) -> bool {
        now.0 >= since.0.saturating_add(self.window_ms)
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
        let budgets = Budgets::new(2, Duration::from_secs(600), 10);
        let at = Timestamp::from_unix_seconds;
        for second in [0, 1] {
            assert_eq!(budgets.check(network(1), at(second)), Ok(()));
            budgets.count(network(1), at(second));
        }
        assert_eq!(budgets.check(network(1), at(2)), Err(Spent { retry_after_seconds: 598 }));
        assert_eq!(budgets.check(network(2), at(2)), Ok(()));
        assert_eq!(budgets.check(network(1), at(600)), Ok(()));
        budgets.count(network(1), at(600));
        assert_eq!(budgets.check(network(1), at(601)), Ok(()));
    }

    proptest! {
        #[test]
        fn the_number_of_tracked_sources_is_bounded(acts in proptest::collection::vec((0_u8..20, 0_i64..5), 1..200)) {
            let budgets = Budgets::new(3, Duration::from_secs(10), 5);
            let mut now = 0;
            for (source, step) in acts {
                now += step;
                budgets.count(network(source), Timestamp::from_unix_seconds(now));
                let open = budgets.open.lock().unwrap();
                prop_assert!(open.by_source.len() <= 5);
                prop_assert_eq!(open.by_source.len(), open.by_age.len());
            }
        }
    }
}
