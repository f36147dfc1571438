//! Sends the due rows of the outbox, each in a task of its own, and records the outcome.
//!
//! Never decides the outcome: `decision` does. Never sends a row that another node has leased.
//! Spec: none. Called by: `app`, which starts one dispatcher in each process.

use super::carrier::{Carrier, Delivery};
use super::decision::{DeliveryState, Next, decide};
use super::envelope::Envelope;
use super::hosts::Hosts;
use super::queue::{Queue, QueueError, log_error};
use super::web_push_address::WebPushAddress;
use crate::clock::{Clock, Timestamp};
use crate::factors::push::OutboxTransition;
use crate::keys::SealingKey;
use crate::storage::{outbox::LeasedRow, stored};
use ::entity::ids::AuthenticatorId;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// The maximum number of envelopes being sent at a time.
const MAX_IN_FLIGHT: usize = 128;
/// Seconds for which a row belongs to the dispatcher that has read it. The row is due again after them, so that
/// another node sends what a stopped one has left. Longer than the slowest send together with its wait for a
/// permit at a busy host.
const LEASE_SECONDS: i64 = 60;
/// The pause after the queue failed.
const RETRY_AFTER_FAULT_SECONDS: i64 = 1;
/// The minimum pause between two polls.
const MIN_POLL_MILLISECONDS: i64 = 250;

/// Sends due envelopes, each in its own task; sleeps until a row is due or it is woken.
pub struct Dispatcher {
    /// The outbox table.
    pub queue: Arc<dyn Queue>,
    /// Delivers envelopes to devices.
    pub carrier: Arc<dyn Carrier>,
    /// The key with which the addresses were sealed.
    pub sealing_key: Arc<SealingKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Woken by `notify_one` after each commit that queued a row.
    pub wake: Arc<Notify>,
}

/// What became of a row when its send ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The row is finished.
    Closed,
    /// The row is due again later, perhaps before every other row.
    TriedAgain,
}

/// A dispatcher that is running.
struct Running {
    dispatcher: Dispatcher,
    hosts: Hosts,
}

impl Dispatcher {
    /// Runs until `stop` resolves, then waits for the sends in progress.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let running = Arc::new(Running { dispatcher: self, hosts: Hosts::default() });
        let mut sends = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let look_again = running.start_due(&mut sends).await;
            tokio::select! {
                () = &mut stop => break,
                () = running.wait(look_again, &mut sends) => {}
            }
        }
        while sends.join_next().await.is_some() {}
    }
}

/// The condition for the next poll of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LookAgain {
    /// When a send has ended: `MAX_IN_FLIGHT` is reached.
    WhenRoom,
    /// At this time, when a row is due.
    At(Timestamp),
    /// When the dispatcher is woken.
    WhenWoken,
}

impl Running {
    /// Starts a send for every due row.
    async fn start_due(self: &Arc<Self>, sends: &mut JoinSet<Outcome>) -> LookAgain {
        let room = MAX_IN_FLIGHT.saturating_sub(sends.len());
        if room == 0 {
            return LookAgain::WhenRoom;
        }
        let now = self.dispatcher.clock.now();
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
        let rows = self.dispatcher.queue.lease_due(now, room, LEASE_SECONDS).await?;
        let is_full = rows.len() >= room;
        for row in rows {
            sends.spawn(Arc::clone(self).deliver(row));
        }
        if is_full {
            return Ok(LookAgain::WhenRoom);
        }
        let least = Timestamp(now.0.saturating_add(MIN_POLL_MILLISECONDS));
        let next_due = self.dispatcher.queue.next_due().await?;
        Ok(next_due.map_or(LookAgain::WhenWoken, |at| LookAgain::At(at.max(least))))
    }

    /// Waits for the condition of the next poll.
    async fn wait(&self, look_again: LookAgain, sends: &mut JoinSet<Outcome>) {
        let due = async {
            match look_again {
                LookAgain::At(at) => self.dispatcher.clock.sleep_until(at).await,
                LookAgain::WhenRoom | LookAgain::WhenWoken => std::future::pending().await,
            }
        };
        tokio::pin!(due);
        loop {
            tokio::select! {
                () = &mut due => return,
                () = self.dispatcher.wake.notified(), if look_again != LookAgain::WhenRoom => return,
                Some(ended) = sends.join_next() => {
                    // A finished row does not change the time at which the next one is due.
                    if look_again == LookAgain::WhenRoom || !matches!(ended, Ok(Outcome::Closed)) {
                        return;
                    }
                }
            }
        }
    }

    async fn deliver(self: Arc<Self>, row: LeasedRow) -> Outcome {
        let id = row.id;
        self.try_deliver(row).await.unwrap_or_else(|error| {
            let what = format!("outbox row {id} could not be closed; its lease will run out");
            log_error(&error, &what);
            Outcome::TriedAgain
        })
    }

    async fn try_deliver(&self, row: LeasedRow) -> Result<Outcome, QueueError> {
        let (device, envelope) = match self.envelope(&row).await? {
            Ok(found) => found,
            Err(why) => {
                self.dispatcher.queue.finish(row.id, OutboxTransition::Skip, Some(why.to_owned())).await?;
                return Ok(Outcome::Closed);
            }
        };
        let host = self.hosts.of(&envelope.address.origin());
        let _turn = host.permits.acquire().await;
        let now = self.dispatcher.clock.now();
        if now >= row.expires_at {
            let why = "it expired before it could be sent".to_owned();
            self.dispatcher.queue.finish(row.id, OutboxTransition::Skip, Some(why)).await?;
            return Ok(Outcome::Closed);
        }
        let delivery = match host.admit(now) {
            Ok(()) => {
                let delivery = self.dispatcher.carrier.carry(&envelope, now).await;
                host.learn(&delivery, device, &envelope.vapid_kid, self.dispatcher.clock.now());
                delivery
            }
            Err(instead) => instead,
        };
        let now = self.dispatcher.clock.now();
        let delivery_state = DeliveryState {
            attempts: row.attempts,
            expires_at: row.expires_at,
            others_are_accepted: host.accepts_others(device, &envelope.vapid_kid, now),
        };
        report(&delivery, device, &envelope);
        self.conclude(&row, device, decide(delivery, delivery_state, now), now).await
    }

    /// Builds the envelope and names its device; or returns the reason why the row is skipped.
    async fn envelope(
        &self,
        row: &LeasedRow,
    ) -> Result<Result<(AuthenticatorId, Envelope), &'static str>, QueueError> {
        let Some(device) = row.device else {
            return Ok(Err("the row names no device"));
        };
        let Some(transport) = self.dispatcher.queue.transport_for(device).await? else {
            return Ok(Err("the device has no push subscription"));
        };
        let sealer = self.dispatcher.sealing_key.rows();
        let Some(address) = WebPushAddress::open(sealer, device, &transport.address) else {
            return Ok(Err("the push subscription cannot be opened with this sealing key"));
        };
        let Ok(message) = stored::read(row.payload.clone()) else {
            return Ok(Err("the row holds no push message"));
        };
        let envelope =
            Envelope { address, vapid_kid: transport.vapid_kid, message, expires_at: row.expires_at };
        Ok(Ok((device, envelope)))
    }

    async fn conclude(
        &self,
        row: &LeasedRow,
        device: AuthenticatorId,
        next: Next,
        now: Timestamp,
    ) -> Result<Outcome, QueueError> {
        let queue = &self.dispatcher.queue;
        match next {
            Next::Retry { not_before, error } => {
                queue.retry(row.id, not_before, error).await?;
                Ok(Outcome::TriedAgain)
            }
            Next::Finish { outcome, transport, error } => {
                if let Some(learned) = transport {
                    queue.mark_transport(device, learned, error.clone(), now).await?;
                }
                queue.finish(row.id, outcome, error).await?;
                Ok(Outcome::Closed)
            }
        }
    }
}

/// Logs the outcome at a level that shows whether the operator can act on it.
fn report(delivery: &Delivery, device: AuthenticatorId, envelope: &Envelope) {
    let service = envelope.address.origin();
    match delivery {
        Delivery::Accepted => tracing::debug!(%device, %service, "a push message was accepted"),
        Delivery::Gone(reason) => tracing::info!(%device, %service, %reason, "a push subscription is gone"),
        Delivery::Later { reason, .. } => {
            tracing::info!(%device, %service, %reason, "a push message is delayed")
        }
        Delivery::Suspect(reason) => tracing::warn!(
            %device, %service, %reason,
            "a push service refused a message: the subscription may be dead, or push.contact or the VAPID key is wrong"
        ),
        Delivery::Failed(reason) => {
            tracing::warn!(%device, %service, %reason, "a push message was rejected")
        }
    }
}

#[cfg(test)]
mod tests;
