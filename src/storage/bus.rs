//! Notifies waiting requests of changes, within this process and across nodes.

use ::entity::ids::{ChallengeId, EnrollmentId, PersonId};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
};
use tokio::sync::{Notify, watch};

/// The PostgreSQL notification channel of this server.
pub(super) const CHANNEL: &str = "countersign";

/// A thing that can change while a request waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The state of a challenge.
    Challenge(ChallengeId),
    /// The state of an enrollment.
    Enrollment(EnrollmentId),
    /// A person's open challenges or devices.
    Devices(PersonId),
    /// A row was queued in the outbox.
    Outbox,
    /// Clients, pools, keys or settings changed: drop the caches.
    Directory,
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Challenge(id) => id.fmt(f),
            Self::Enrollment(id) => id.fmt(f),
            Self::Devices(id) => id.fmt(f),
            Self::Outbox => f.write_str("outbox"),
            Self::Directory => f.write_str("directory"),
        }
    }
}

impl Topic {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "outbox" => Some(Self::Outbox),
            "directory" => Some(Self::Directory),
            _ => (text.parse().map(Self::Challenge))
                .or_else(|_| text.parse().map(Self::Enrollment))
                .or_else(|_| text.parse().map(Self::Devices))
                .ok(),
        }
    }
}

type Waiting = Arc<Mutex<BTreeMap<Topic, watch::Sender<()>>>>;

/// Announces changes and lets requests wait for them. Costs nothing while there is no waiter.
#[derive(Clone, Default)]
pub struct Bus {
    waiting: Waiting,
    /// Notified when a request begins to wait for a challenge.
    arrivals: Arc<Notify>,
}

impl Bus {
    /// A bus for a database that only this process writes.
    pub(super) fn within_process() -> Self {
        Self::default()
    }

    /// Starts to wait for `topic`. Call it before reading the state: a change between a read and a later wait
    /// would be missed.
    pub fn wait(&self, topic: Topic) -> Waiter {
        let receiver = match self.waiting.lock() {
            Ok(mut waiting) => waiting.entry(topic).or_insert_with(|| watch::channel(()).0).subscribe(),
            Err(_) => watch::channel(()).1,
        };
        if matches!(topic, Topic::Challenge(_)) {
            self.arrivals.notify_one();
        }
        Waiter { topic, receiver, waiting: self.waiting.clone() }
    }

    /// Wakes the waiters of `topic` in this process.
    pub fn notify(&self, topic: Topic) {
        notify(&self.waiting, topic);
    }

    /// Wakes every waiter in this process, because a notification may have been missed.
    pub fn notify_all(&self) {
        notify_all(&self.waiting);
    }

    /// Resolves when a request has begun to wait for a challenge since the last call.
    pub async fn challenge_waiter(&self) {
        self.arrivals.notified().await;
    }

    /// Lists the challenges with a waiter in this process, for the periodic re-read.
    pub fn waited_challenges(&self) -> Vec<ChallengeId> {
        let Ok(waiting) = self.waiting.lock() else { return Vec::new() };
        waiting
            .keys()
            .filter_map(|topic| match topic {
                Topic::Challenge(id) => Some(*id),
                _ => None,
            })
            .collect()
    }
}

/// A weak reference to a bus.
pub(super) struct WeakBus {
    waiting: Weak<Mutex<BTreeMap<Topic, watch::Sender<()>>>>,
    arrivals: Arc<Notify>,
}

impl WeakBus {
    /// A reference that does not keep `bus` alive.
    pub(super) fn of(bus: &Bus) -> Self {
        Self { waiting: Arc::downgrade(&bus.waiting), arrivals: Arc::clone(&bus.arrivals) }
    }

    /// The bus, unless it was dropped.
    pub(super) fn upgrade(&self) -> Option<Bus> {
        Some(Bus { waiting: self.waiting.upgrade()?, arrivals: Arc::clone(&self.arrivals) })
    }
}

fn notify(waiting: &Waiting, topic: Topic) {
    if let Ok(waiting) = waiting.lock()
        && let Some(sender) = waiting.get(&topic)
    {
        sender.send_replace(());
    }
}

fn notify_all(waiting: &Waiting) {
    if let Ok(waiting) = waiting.lock() {
        for sender in waiting.values() {
            sender.send_replace(());
        }
    }
}

/// A subscription to one topic.
pub struct Waiter {
    topic: Topic,
    receiver: watch::Receiver<()>,
    waiting: Waiting,
}

impl Waiter {
    /// Resolves when the topic has changed since the last call. Never resolves without a change.
    pub async fn changed(&mut self) {
        if self.receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Ok(mut waiting) = self.waiting.lock()
            && waiting.get(&self.topic).is_some_and(|sender| sender.receiver_count() <= 1)
        {
            waiting.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use sea_orm::prelude::Uuid;

    #[tokio::test]
    async fn a_waiter_is_woken_by_its_own_topic_and_by_no_other() {
        let bus = Bus::within_process();
        let one = Topic::Challenge(ChallengeId(Uuid::from_u128(1)));
        let other = Topic::Challenge(ChallengeId(Uuid::from_u128(2)));
        let mut waiter = bus.wait(one);
        bus.notify(other);
        assert!(waiter.changed().now_or_never().is_none());
        bus.notify(one);
        assert!(waiter.changed().now_or_never().is_some());
        assert!(waiter.changed().now_or_never().is_none());
    }

    #[test]
    fn a_new_waiter_for_a_challenge_is_reported_once_and_one_for_another_topic_is_not() {
        let bus = Bus::within_process();
        let _directory = bus.wait(Topic::Directory);
        assert!(bus.challenge_waiter().now_or_never().is_none());
        let _waiter = bus.wait(Topic::Challenge(ChallengeId(Uuid::from_u128(1))));
        assert!(bus.challenge_waiter().now_or_never().is_some());
        assert!(bus.challenge_waiter().now_or_never().is_none());
    }

    #[test]
    fn a_topic_is_removed_with_its_last_waiter() {
        let bus = Bus::within_process();
        let topic = Topic::Enrollment(EnrollmentId(Uuid::from_u128(1)));
        let (first, second) = (bus.wait(topic), bus.wait(topic));
        drop(first);
        assert_eq!(bus.waiting.lock().unwrap().len(), 1);
        drop(second);
        assert_eq!(bus.waiting.lock().unwrap().len(), 0);
    }

    #[test]
    fn every_topic_is_parsed_back_from_its_text() {
        let id = Uuid::from_u128(9);
        for topic in [
            Topic::Challenge(ChallengeId(id)),
            Topic::Enrollment(EnrollmentId(id)),
            Topic::Devices(PersonId(id)),
            Topic::Outbox,
            Topic::Directory,
        ] {
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
        assert_eq!(Topic::parse("grt_AAAAAAAAAAAAAAAAAAAAAA"), None);
    }
}
