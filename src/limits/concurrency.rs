//! Concurrency limits: a number of slots in total and for each key, such as connections and event streams.
//! Never waits: a caller that gets no slot answers 429 or 503, or closes the connection.
//! Spec: RFC 9110 §15.6.4 (503); authenticator protocol §10. Called by: `http::server`, `signin` and
//! `device_api`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Number of event streams and long polls that one browser may have open; its other tabs ask at intervals.
pub const MAX_STREAMS_PER_BROWSER: usize = 2;
/// Number of event streams and long polls of browsers that this process may have open.
pub const MAX_STREAMS_PER_PROCESS: usize = 20_000;
/// Number of event streams that one device may have open (authenticator protocol §10).
pub const MAX_STREAMS_PER_DEVICE: usize = 2;
/// Number of passwords that wait for each one that is being hashed; beyond it a sign-in is answered 503.
pub const MAX_QUEUED_PER_SLOT: usize = 64;
/// Number of these passwords that may come from one source, so that it leaves half of the queue to others.
pub const MAX_QUEUED_PER_SLOT_OF_SOURCE: usize = 32;
/// Number of these places that only browsers known to the person may take.
pub const RESERVED_QUEUE_PER_SLOT: usize = 16;

/// The event streams and long polls of browsers, by the SHA-256 of the browser's cookie.
pub type BrowserStreams = Slots<Vec<u8>>;

/// The slots that are taken, in total and by key.
#[derive(Debug)]
pub struct Slots<Key: Ord> {
    max_total: usize,
    max_per_key: usize,
    taken: Mutex<Taken<Key>>,
}

#[derive(Debug)]
struct Taken<Key> {
    total: usize,
    by_key: BTreeMap<Key, usize>,
}

/// A taken slot; dropping it releases the slot.
#[derive(Debug)]
pub struct Slot<Key: Ord> {
    key: Option<Key>,
    slots: Arc<Slots<Key>>,
}

impl<Key: Ord + Clone> Slots<Key> {
    /// Allows `max_total` slots, and `max_per_key` for each key.
    pub fn new(max_total: usize, max_per_key: usize) -> Arc<Self> {
        let taken = Mutex::new(Taken { total: 0, by_key: BTreeMap::new() });
        Arc::new(Self { max_total, max_per_key, taken })
    }

    /// Takes a slot for `key`; without a key it counts in the total only. `None` when a limit is reached.
    pub fn take(self: &Arc<Self>, key: Option<Key>) -> Option<Slot<Key>> {
        let mut taken = self.taken();
        let of_key = key.as_ref().and_then(|key| taken.by_key.get(key).copied()).unwrap_or(0);
        if taken.total >= self.max_total || of_key >= self.max_per_key {
            return None;
        }
        taken.total += 1;
        if let Some(key) = key.clone() {
            taken.by_key.insert(key, of_key + 1);
        }
        Some(Slot { key, slots: Arc::clone(self) })
    }
}

impl<Key: Ord> Slots<Key> {
    fn taken(&self) -> MutexGuard<'_, Taken<Key>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Key: Ord> Drop for Slot<Key> {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        taken.total = taken.total.saturating_sub(1);
        let Some(key) = &self.key else { return };
        match taken.by_key.get_mut(key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.by_key.remove(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_limited_to_its_share_and_a_dropped_slot_is_free_again() {
        let slots = Slots::new(9, 2);
        let first = slots.take(Some(1));
        let second = slots.take(Some(1));
        assert!(first.is_some() && second.is_some());
        assert!(slots.take(Some(1)).is_none());
        assert!(slots.take(Some(2)).is_some(), "another key has slots of its own");
        drop(first);
        assert!(slots.take(Some(1)).is_some());
        drop(second);
        assert!(slots.taken().by_key.is_empty(), "a key without slots uses no memory");
        assert_eq!(slots.taken().total, 0);
    }

    #[test]
    fn the_total_limits_all_keys_together_and_slots_without_a_key() {
        let slots = Slots::new(3, 1);
        let first = slots.take(Some("192.0.2.1")).unwrap();
        assert!(slots.take(Some("192.0.2.1")).is_none());
        let _without_key = (slots.take(None).unwrap(), slots.take(None).unwrap());
        assert!(slots.take(Some("198.51.100.1")).is_none(), "the total of three is reached");
        assert!(slots.take(None).is_none());
        drop(first);
        assert!(slots.take(Some("198.51.100.1")).is_some());
    }
}
