//! Who waits for what, and how a change on one node wakes a waiter on another.

use ::entity::ids::{ChallengeId, EnrollmentId, PersonId};
use sqlx::postgres::{PgListener, PgPool};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::sync::{Notify, watch};

/// The PostgreSQL notification channel of the house.
pub(super) const CHANNEL: &str = "countersign";

/// What can change under a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A challenge moved on.
    Challenge(ChallengeId),
    /// An enrollment moved on.
    Enrollment(EnrollmentId),
    /// A person's open challenges or devices changed.
    Devices(PersonId),
    /// Something is to be carried.
    Outbox,
    /// What an operator configures changed: drop what is kept in memory.
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
    fn parse(text: &str) -> Option<Self> {
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

/// Where changes are announced and waited for. Costs nothing while nobody waits.
#[derive(Clone, Default)]
pub struct Bus {
    waiting: Waiting,
    /// Rung when somebody begins to wait for a challenge.
    arrivals: Arc<Notify>,
}

impl Bus {
    /// For a database that only this process writes.
    pub(super) fn within_process() -> Self {
        Self::default()
    }

    /// For a database that several nodes write: hears what the others announce. When the listening connection is
    /// lost, notifications are too, so everyone who waits is woken to look again.
    pub(super) fn across_nodes(pool: PgPool) -> Self {
        let bus = Self::default();
        tokio::spawn(listen(pool, Arc::downgrade(&bus.waiting)));
        bus
    }

    /// Starts to wait for `topic`. Start first and read second, or a change between the two is missed.
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

    /// Wakes whoever waits for `topic` in this process.
    pub fn notify(&self, topic: Topic) {
        notify(&self.waiting, topic);
    }

    /// Wakes everyone in this process: something may have been missed.
    pub fn notify_all(&self) {
        notify_all(&self.waiting);
    }

    /// Resolves when somebody has begun to wait for a challenge since the last call.
    pub async fn challenge_waiter(&self) {
        self.arrivals.notified().await;
    }

    /// The challenges that are waited for in this process, for the slow re-read.
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

/// Somebody who waits for a topic.
pub struct Waiter {
    topic: Topic,
    receiver: watch::Receiver<()>,
    waiting: Waiting,
}

impl Waiter {
    /// Resolves when the topic has changed since the last call; never on its own.
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

async fn listen(pool: PgPool, waiting: std::sync::Weak<Mutex<BTreeMap<Topic, watch::Sender<()>>>>) {
    while waiting.strong_count() > 0 && !pool.is_closed() {
        if let Err(error) = listen_once(&pool, &waiting).await {
            tracing::warn!(error = %error, "not listening for other nodes' changes; trying again");
        }
        // A second between tries; the database itself is what is waited for.
        #[expect(
            clippy::disallowed_methods,
            reason = "a pause between attempts to reconnect, not part of any answer"
        )]
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

async fn listen_once(
    pool: &PgPool,
    waiting: &std::sync::Weak<Mutex<BTreeMap<Topic, watch::Sender<()>>>>,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    if let Some(waiting) = waiting.upgrade() {
        notify_all(&waiting);
    }
    while let Some(notification) = listener.try_recv().await? {
        let Some(waiting) = waiting.upgrade() else { return Ok(()) };
        match Topic::parse(notification.payload()) {
            Some(topic) => notify(&waiting, topic),
            None => tracing::warn!(payload = notification.payload(), "a notification that names nothing"),
        }
    }
    Ok(())
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
    fn who_begins_to_wait_for_a_challenge_is_noticed() {
        let bus = Bus::within_process();
        let _directory = bus.wait(Topic::Directory);
        assert!(bus.challenge_waiter().now_or_never().is_none());
        let _waiter = bus.wait(Topic::Challenge(ChallengeId(Uuid::from_u128(1))));
        assert!(bus.challenge_waiter().now_or_never().is_some());
        assert!(bus.challenge_waiter().now_or_never().is_none());
    }

    #[test]
    fn nothing_is_kept_for_a_waiter_that_is_gone() {
        let bus = Bus::within_process();
        let topic = Topic::Enrollment(EnrollmentId(Uuid::from_u128(1)));
        let (first, second) = (bus.wait(topic), bus.wait(topic));
        drop(first);
        assert_eq!(bus.waiting.lock().unwrap().len(), 1);
        drop(second);
        assert_eq!(bus.waiting.lock().unwrap().len(), 0);
    }

    #[test]
    fn every_topic_is_read_back_from_its_text() {
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
