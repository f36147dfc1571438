//! Sends the due rows of the outbox, each in a task of its own, and records the outcome. Each carrier has a lane: it
//! waits for the others of its kind only.
//!
//! Never decides the outcome: `decision` does. Never sends a row that another node has leased.
//! Spec: none. Called by: `workers`, which starts one dispatcher in each process.

mod deliver;
mod lane;

use super::carrier::{Carrier, Carriers};
use super::hosts::Hosts;
use super::queue::Queue;
use super::terms::Terms;
use crate::clock::Clock;
use crate::keys::SealingKey;
use futures_util::future::{FutureExt, join_all};
use lane::Lane;
use std::sync::Arc;
use tokio::sync::Notify;

/// Sends due envelopes, each in its own task; sleeps until a row is due or it is woken.
pub struct Dispatcher {
    /// The outbox table.
    pub queue: Arc<dyn Queue>,
    /// The carriers; rows for others wait for another node.
    pub carriers: Carriers,
    /// The key with which the addresses were sealed.
    pub sealing_key: Arc<SealingKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Woken by `notify_one` after each commit that queued a row.
    pub wake: Arc<Notify>,
}

impl Dispatcher {
    /// Runs until `stop` resolves, then waits for the sends in progress.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let stop = stop.shared();
        let lanes: Vec<Arc<Lane>> = self.carriers.all().map(|carrier| Arc::new(self.lane(carrier))).collect();
        let runs = lanes.iter().map(|lane| Arc::clone(lane).run(stop.clone()));
        let forward_wakes = async {
            loop {
                self.wake.notified().await;
                for lane in &lanes {
                    lane.wake.notify_one();
                }
            }
        };
        tokio::select! {
            _ = join_all(runs) => {}
            () = forward_wakes => {}
        }
    }

    fn lane(&self, carrier: &Arc<dyn Carrier>) -> Lane {
        Lane {
            queue: Arc::clone(&self.queue),
            terms: Terms::of(carrier.kind()),
            carrier: Arc::clone(carrier),
            sealing_key: Arc::clone(&self.sealing_key),
            clock: Arc::clone(&self.clock),
            wake: Notify::new(),
            hosts: Hosts::default(),
        }
    }
}

#[cfg(test)]
mod tests;
