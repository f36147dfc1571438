//! Concurrency limits: a number of slots in total and for each key, such as connections and event streams.
//! Never waits: a caller that gets no slot answers 429 or 503, or closes the connection.
//! Spec: RFC 9110 §15.6.4 (503); authenticator protocol §10. Called by: `http::server`, `signin` and
//! `device_api`.

use super::networks::Counted;
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

/// The slots that are taken, in total and by key. An IPv6 network counts in its wider ones as well, see [`Counted`].
#[derive(Debug)]
pub struct Slots<Key: Counted> {
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
pub struct Slot<Key: Counted> {
    key: Option<Key>,
    slots: Arc<Slots<Key>>,
}

impl<Key: Counted> Slots<Key> {
    /// Allows `max_total` slots, and `max_per_key` for each key. A wider network may have more of them, but leaves a
    /// quarter of all to others.
    pub fn new(max_total: usize, max_per_key: usize) -> Arc<Self> {
        let taken = Mutex::new(Taken { total: 0, by_key: BTreeMap::new() });
        Arc::new(Self { max_total, max_per_key, taken })
    }

    /// Takes a slot for `key`; without a key it counts in the total only. `None` when a limit is reached.
    pub fn take(self: &Arc<Self>, key: Option<Key>) -> Option<Slot<Key>> {
        let mut taken = self.taken();
        let is_full = |(level, factor): &(Key, u32)| {
            taken.by_key.get(level).is_some_and(|count| *count >= self.max_at(*factor))
        };
        if taken.total >= self.max_total || levels(key.clone()).any(|level| is_full(&level)) {
            return None;
        }
        taken.total += 1;
        for (level, _) in levels(key.clone()) {
            *taken.by_key.entry(level).or_default() += 1;
        }
        Some(Slot { key, slots: Arc::clone(self) })
    }

    /// The most slots of a network in which `factor` times as many are allowed.
    fn max_at(&self, factor: u32) -> usize {
        let more = self.max_per_key.saturating_mul(usize::try_from(factor).unwrap_or(usize::MAX));
        let leaving_a_quarter = self.max_total - self.max_total / 4;
        more.min(leaving_a_quarter.max(self.max_per_key))
    }

    fn taken(&self) -> MutexGuard<'_, Taken<Key>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn levels<Key: Counted>(key: Option<Key>) -> impl Iterator<Item = (Key, u32)> {
    key.map(Counted::levels).into_iter().flatten().flatten()
}

impl<Key: Counted> Drop for Slot<Key> {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        taken.total = taken.total.saturating_sub(1);
        for (level, _) in levels(self.key.take()) {
            match taken.by_key.get_mut(&level) {
                Some(count) if *count > 1 => *count -= 1,
                _ => drop(taken.by_key.remove(&level)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipnet::IpNet;

    #[test]
    fn a_key_is_limited_to_its_share_and_a_dropped_slot_is_free_again() {
        let slots = Slots::new(9, 2);
        let first = slots.take(Some([1]));
        let second = slots.take(Some([1]));
        assert!(first.is_some() && second.is_some());
        assert!(slots.take(Some([1])).is_none());
        assert!(slots.take(Some([2])).is_some(), "another key has slots of its own");
        drop(first);
        assert!(slots.take(Some([1])).is_some());
        drop(second);
        assert!(slots.taken().by_key.is_empty(), "a key without slots uses no memory");
        assert_eq!(slots.taken().total, 0);
    }

    #[test]
    fn the_total_limits_all_keys_together_and_slots_without_a_key() {
        let slots = Slots::new(3, 1);
        let first = slots.take(Some(*b"first")).unwrap();
        assert!(slots.take(Some(*b"first")).is_none());
        let _without_key = (slots.take(None).unwrap(), slots.take(None).unwrap());
        assert!(slots.take(Some(*b"other")).is_none(), "the total of three is reached");
        assert!(slots.take(None).is_none());
        drop(first);
        assert!(slots.take(Some(*b"other")).is_some());
    }

    fn subnet(third: u16, fourth: u16) -> IpNet {
        let address = std::net::Ipv6Addr::new(0x2001, 0xdb8, third, fourth, 0, 0, 0, 0);
        IpNet::new(address.into(), 64).unwrap()
    }

    #[test]
    fn an_ipv6_source_shares_the_slots_of_its_wider_networks_and_gives_them_back() {
        let slots = Slots::new(1000, 2);
        let take = |networks: &[IpNet]| -> Vec<_> {
            networks.iter().filter_map(|network| slots.take(Some(*network))).collect()
        };
        let of_56: Vec<IpNet> = (0..8).flat_map(|n| [subnet(1, n); 3]).collect();
        let first = take(&of_56);
        assert_eq!(first.len(), 8, "four times the limit in a /56");
        let of_48: Vec<IpNet> = (1..64).map(|n| subnet(1, n * 0x100)).collect();
        assert_eq!(take(&of_48).len(), 32 - 8, "sixteen times the limit in a /48");
        assert_eq!(take(&[subnet(2, 0)]).len(), 1, "another /48");
        drop(first);
        assert_eq!(take(&of_56).len(), 8);
        assert!(slots.taken().by_key.is_empty(), "a network without slots uses no memory");
    }

    #[test]
    fn a_wide_network_leaves_a_quarter_of_all_slots_to_others() {
        let slots = Slots::new(64, 32);
        let taken: Vec<_> = (0..64).filter_map(|n| slots.take(Some(subnet(1, n)))).collect();
        assert_eq!(taken.len(), 48);
        let others: Vec<_> = (0..32).filter_map(|n| slots.take(Some(subnet(2, n)))).collect();
        assert_eq!(others.len(), 16);
    }
}
