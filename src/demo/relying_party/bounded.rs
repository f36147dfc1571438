use crate::clock::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// A map of limited size and lifetime; a full map drops its oldest entry.
#[derive(Debug)]
pub struct Bounded<T> {
    entries: BTreeMap<String, (Timestamp, T)>,
    capacity: usize,
    lifetime: Duration,
}

impl<T> Bounded<T> {
    /// Creates a map for `capacity` entries, each kept for `lifetime`.
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self { entries: BTreeMap::new(), capacity, lifetime }
    }

    /// Inserts `value` under `key`.
    pub fn insert(&mut self, key: String, value: T, now: Timestamp) {
        self.forget_old(now);
        while self.entries.len() >= self.capacity {
            let oldest =
                self.entries.iter().min_by_key(|(_, (since, _))| since.0).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            self.entries.remove(&oldest);
        }
        self.entries.insert(key, (now, value));
    }

    /// Returns the value under `key`, unless it has expired.
    pub fn get(&mut self, key: &str, now: Timestamp) -> Option<&mut T> {
        self.forget_old(now);
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// Removes and returns the value under `key`, unless it has expired.
    pub fn take(&mut self, key: &str, now: Timestamp) -> Option<T> {
        self.forget_old(now);
        self.entries.remove(key).map(|(_, value)| value)
    }

    fn forget_old(&mut self, now: Timestamp) {
        let lifetime = i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        self.entries.retain(|_, (since, _)| now.0.saturating_sub(since.0) < lifetime);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded() -> Bounded<u8> {
        Bounded::new(2, Duration::from_secs(1))
    }

    #[test]
    fn a_full_map_drops_its_oldest_entry() {
        let mut bounded = bounded();
        for (key, at) in [("a", 2), ("b", 1), ("c", 3)] {
            bounded.insert(key.into(), 0, Timestamp(at));
        }
        assert!(bounded.get("b", Timestamp(3)).is_none());
        assert!(bounded.get("a", Timestamp(3)).is_some() && bounded.get("c", Timestamp(3)).is_some());
    }

    #[test]
    fn an_entry_expires_after_its_lifetime() {
        let mut bounded = bounded();
        bounded.insert("a".into(), 7, Timestamp(0));
        assert_eq!(bounded.get("a", Timestamp(999)), Some(&mut 7));
        assert_eq!(bounded.get("a", Timestamp(1000)), None);
    }

    #[test]
    fn an_entry_is_taken_at_most_once() {
        let mut bounded = bounded();
        bounded.insert("a".into(), 7, Timestamp(0));
        assert_eq!(bounded.take("a", Timestamp(0)), Some(7));
        assert_eq!(bounded.take("a", Timestamp(0)), None);
    }
}
