//! How many pages may listen at once: each holds a connection.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Streams that one browser may have open; its other tabs poll.
const MAX_STREAMS_PER_BROWSER: u32 = 2;
/// Streams that this process may have open.
const MAX_STREAMS_PER_PROCESS: u32 = 20_000;

/// The streams that are open in this process.
#[derive(Debug, Default)]
pub struct Streams(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_browser: BTreeMap<Vec<u8>, u32>,
}

/// A stream's place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    browser: Vec<u8>,
    streams: Arc<Streams>,
}

impl Streams {
    /// A place for one more stream of this browser, if there is one.
    pub(super) fn take(self: &Arc<Self>, browser: Vec<u8>) -> Option<Place> {
        let mut open = self.open();
        let of_browser = open.by_browser.get(&browser).copied().unwrap_or_default();
        if of_browser >= MAX_STREAMS_PER_BROWSER || open.all >= MAX_STREAMS_PER_PROCESS {
            return None;
        }
        open.all += 1;
        open.by_browser.insert(browser.clone(), of_browser + 1);
        Some(Place { browser, streams: Arc::clone(self) })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.all = open.all.saturating_sub(1);
        match open.by_browser.get_mut(&self.browser) {
            Some(more) if *more > 1 => *more -= 1,
            _ => {
                open.by_browser.remove(&self.browser);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_two_places_and_a_place_that_was_left_is_free() {
        let streams = Arc::new(Streams::default());
        let first = streams.take(vec![1]);
        let second = streams.take(vec![1]);
        assert!(first.is_some() && second.is_some());
        assert!(streams.take(vec![1]).is_none());
        assert!(streams.take(vec![2]).is_some(), "another browser has its own");
        drop(first);
        assert!(streams.take(vec![1]).is_some());
        drop(second);
        assert!(streams.open().by_browser.is_empty(), "nothing is kept of a browser that is gone");
        assert_eq!(streams.open().all, 0);
    }
}
