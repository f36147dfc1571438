//! The rows of one carrier: leased when they are due, as many as may be sent at a time.

use crate::clock::{Clock, Timestamp};
use crate::keys::SealingKey;
use crate::outbox::carrier::Carrier;
use crate::outbox::hosts::Hosts;
use crate::outbox::queue::{Queue, QueueError, log_error};
use crate::outbox::terms::Terms;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// The pause after the queue failed.
const RETRY_AFTER_FAULT_SECONDS: i64 = 1;
/// The minimum pause between two polls.
const MIN_POLL_MILLISECONDS: i64 = 250;

/// What became of a row when its send ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The row is finished.
    Closed,
    /// The row is due again later, perhaps before every other row.
    TriedAgain,
}

/// The running dispatcher of one carrier.
pub(super) struct Lane {
    pub(super) queue: Arc<dyn Queue>,
    pub(super) carrier: Arc<dyn Carrier>,
    pub(super) sealing_key: Arc<SealingKey>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wake: Notify,
    pub(super) hosts: Hosts,
    pub(super) terms: Terms,
}

/// The condition for the next poll of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LookAgain {
    /// When a send has ended: no further one may begin.
    WhenRoom,
    /// At this time, when a row is due.
    At(Timestamp),
    /// When the dispatcher is woken.
    WhenWoken,
}

impl Lane {
    /// Runs until `stop` resolves, then waits for the sends in progress.
    pub(super) async fn run(self: Arc<Self>, stop: impl Future<Output = ()>) {
        let mut sends = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let look_again = self.start_due(&mut sends).await;
            tokio::select! {
                () = &mut stop => break,
                () = self.wait(look_again, &mut sends) => {}
            }
        }
        while sends.join_next().await.is_some() {}
    }

    /// Starts a send for every due row.
    async fn start_due(self: &Arc<Self>, sends: &mut JoinSet<Outcome>) -> LookAgain {
        let room = self.terms.max_in_flight.saturating_sub(sends.len());
        if room == 0 {
            return LookAgain::WhenRoom;
        }
        let now = self.clock.now();
        match self.lease(now, room, sends).await {
            Ok(look_again) => look_again,
            Err(error) => {
                log_error(&error, "the outbox could not be read");
                LookAgain::At(now.plus_seconds(RETRY_AFTER_FAULT_SECONDS))
            }
        }
    }

    async fn lease(
        self: &Arc<Self>,
        now: Timestamp,
        room: usize,
        sends: &mut JoinSet<Outcome>,
    ) -> Result<LookAgain, QueueError> {
        let kind = self.carrier.kind();
        let rows = self.queue.lease_due(kind, (now, room), self.terms.lease_seconds).await?;
        let is_full = rows.len() >= room;
        for row in rows {
            sends.spawn(Arc::clone(self).deliver(row));
        }
        if is_full {
            return Ok(LookAgain::WhenRoom);
        }
        let least = Timestamp(now.0.saturating_add(MIN_POLL_MILLISECONDS));
        let next_due = self.queue.next_due(kind).await?;
        Ok(next_due.map_or(LookAgain::WhenWoken, |at| LookAgain::At(at.max(least))))
    }

    /// Waits for the condition of the next poll.
    async fn wait(&self, look_again: LookAgain, sends: &mut JoinSet<Outcome>) {
        let due = async {
            match look_again {
                LookAgain::At(at) => self.clock.sleep_until(at).await,
                LookAgain::WhenRoom | LookAgain::WhenWoken => std::future::pending().await,
            }
        };
        tokio::pin!(due);
        loop {
            tokio::select! {
                () = &mut due => return,
                () = self.wake.notified(), if look_again != LookAgain::WhenRoom => return,
                Some(ended) = sends.join_next() => {
                    // A finished row does not change the time at which the next one is due.
                    if look_again == LookAgain::WhenRoom || !matches!(ended, Ok(Outcome::Closed)) {
                        return;
                    }
                }
            }
        }
    }
}
