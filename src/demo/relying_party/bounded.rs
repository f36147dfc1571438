use crate::clock::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Things remembered for a while and never too many: the oldest makes room for the newest.
#[derive(Debug)]
pub struct Bounded<T> {
    entries: BTreeMap<String, (Timestamp, T)>,
    capacity: usize,
    lifetime: Duration,
}

impl<T> Bounded<T> {
    /// Room for `capacity` things, each remembered for `lifetime`.
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self { entries: BTreeMap::new(), capacity, lifetime }
    }

    /// Remembers `value` under `key`.
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

    /// What is remembered under `key`.
    pub fn get(&mut self, key: &str, now: Timestamp) -> Option<&mut T> {
        self.forget_old(now);
        self.entries.get_mut(key).map(|(_, value)| value)
    }

    /// What was remembered under `key`, at most once.
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

    fn shelf() -> Bounded<u8> {
        Bounded::new(2, Duration::from_secs(1))
    }

    #[test]
    fn the_oldest_makes_room_for_the_newest() {
        let mut shelf = shelf();
        for (key, at) in [("a", 2), ("b", 1), ("c", 3)] {
            shelf.insert(key.into(), 0, Timestamp(at));
        }
        assert!(shelf.get("b", Timestamp(3)).is_none());
        assert!(shelf.get("a", Timestamp(3)).is_some() && shelf.get("c", Timestamp(3)).is_some());
    }

    #[test]
    fn nothing_outlives_its_time() {
        let mut shelf = shelf();
        shelf.insert("a".into(), 7, Timestamp(0));
        assert_eq!(shelf.get("a", Timestamp(999)), Some(&mut 7));
        assert_eq!(shelf.get("a", Timestamp(1000)), None);
    }

    #[test]
    fn a_thing_is_taken_at_most_once() {
        let mut shelf = shelf();
        shelf.insert("a".into(), 7, Timestamp(0));
        assert_eq!(shelf.take("a", Timestamp(0)), Some(7));
        assert_eq!(shelf.take("a", Timestamp(0)), None);
    }
}
