//! Notifies waiting requests of changes, within this process and across nodes.

use ::entity::ids::{ChallengeId, EnrollmentId, PersonId, WorkspaceId};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
};
use tokio::sync::{Notify, watch};

/// The PostgreSQL notification channel of this server.
pub(super) const CHANNEL: &str = "countersign";
/// The channel on which a node says which workspace has changed, before it says on [`CHANNEL`] that one has: nodes of an
/// earlier version listen there only, and know no more.
pub(super) const WORKSPACE_CHANNEL: &str = "countersign_workspace";
/// The announcement on [`CHANNEL`] that a workspace has changed.
pub(super) const DIRECTORY: &str = "directory";

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
    /// Clients, pools, keys or settings of a workspace changed: drop what is cached of it.
    Directory(WorkspaceId),
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Challenge(id) => id.fmt(f),
            Self::Enrollment(id) => id.fmt(f),
            Self::Devices(id) => id.fmt(f),
            Self::Outbox => f.write_str("outbox"),
            Self::Directory(id) => id.fmt(f),
        }
    }
}

impl Topic {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "outbox" => Some(Self::Outbox),
            _ => (text.parse().map(Self::Challenge))
                .or_else(|_| text.parse().map(Self::Enrollment))
                .or_else(|_| text.parse().map(Self::Devices))
                .or_else(|_| text.parse().map(Self::Directory))
                .ok(),
        }
    }
}

type Waiting = Arc<Mutex<BTreeMap<Topic, watch::Sender<()>>>>;

/// Drops what it has cached of a workspace, or of all of them; `false` once it is gone itself.
type Follower = dyn Fn(Option<WorkspaceId>) -> bool + Send + Sync;

/// Announces changes and lets requests wait for them. Costs nothing while there is no waiter.
#[derive(Clone, Default)]
pub struct Bus {
    waiting: Waiting,
    /// The caches of the directory. They are told before a commit is acknowledged.
    followers: Arc<Mutex<Vec<Box<Follower>>>>,
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
        if let Topic::Directory(workspace) = topic {
            self.directory_changed(Some(workspace));
        }
        notify(&self.waiting, topic);
    }

    /// Calls `follower` at each change of a workspace, with its id; without one, anything may have changed. It is called
    /// until it returns `false`.
    pub fn follow_directory(&self, follower: impl Fn(Option<WorkspaceId>) -> bool + Send + Sync + 'static) {
        if let Ok(mut followers) = self.followers.lock() {
            followers.push(Box::new(follower));
        }
    }

    /// Tells the caches that a workspace has changed, or any of them.
    pub(super) fn directory_changed(&self, workspace: Option<WorkspaceId>) {
        if let Ok(mut followers) = self.followers.lock() {
            followers.retain(|follower| follower(workspace));
        }
    }

    /// Wakes every waiter in this process, because a notification may have been missed.
    pub fn notify_all(&self) {
        self.directory_changed(None);
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
    followers: Weak<Mutex<Vec<Box<Follower>>>>,
    arrivals: Arc<Notify>,
}

impl WeakBus {
    /// A reference that does not keep `bus` alive.
    pub(super) fn of(bus: &Bus) -> Self {
        Self {
            waiting: Arc::downgrade(&bus.waiting),
            followers: Arc::downgrade(&bus.followers),
            arrivals: Arc::clone(&bus.arrivals),
        }
    }

    /// The bus, unless it was dropped.
    pub(super) fn upgrade(&self) -> Option<Bus> {
        Some(Bus {
            waiting: self.waiting.upgrade()?,
            followers: self.followers.upgrade()?,
            arrivals: Arc::clone(&self.arrivals),
        })
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
        let _outbox = bus.wait(Topic::Outbox);
        assert!(bus.challenge_waiter().now_or_never().is_none());
        let _waiter = bus.wait(Topic::Challenge(ChallengeId(Uuid::from_u128(1))));
        assert!(bus.challenge_waiter().now_or_never().is_some());
        assert!(bus.challenge_waiter().now_or_never().is_none());
    }

    #[test]
    fn a_follower_of_the_directory_learns_which_workspace_has_changed_until_it_is_gone() {
        let bus = Bus::within_process();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let follower = Arc::downgrade(&heard);
        bus.follow_directory(move |workspace| {
            let Some(heard) = follower.upgrade() else { return false };
            heard.lock().unwrap().push(workspace);
            true
        });
        let workspace = WorkspaceId(Uuid::from_u128(1));
        bus.notify(Topic::Outbox);
        bus.notify(Topic::Directory(workspace));
        bus.notify_all();
        assert_eq!(*heard.lock().unwrap(), [Some(workspace), None]);
        drop(heard);
        bus.notify_all();
        assert!(bus.followers.lock().unwrap().is_empty());
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
            Topic::Directory(WorkspaceId(id)),
        ] {
            assert_eq!(Topic::parse(&topic.to_string()), Some(topic));
        }
        assert_eq!(Topic::parse("grt_AAAAAAAAAAAAAAAAAAAAAA"), None);
    }
}
