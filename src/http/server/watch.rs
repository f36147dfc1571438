//! The activity of a connection and the deadline that follows from it.

use super::settings::ServerSettings;
use crate::clock::{Clock, Timestamp};
use futures_util::future::BoxFuture;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

/// Stands for no instant.
const NEVER: i64 = i64::MAX;

/// The activity of one connection. Its stream and its requests write it, its [`Alarm`] reads it.
pub(super) struct Watch {
    clock: Arc<dyn Clock>,
    settings: Arc<ServerSettings>,
    in_flight: AtomicUsize,
    silent_since: AtomicI64,
    head_since: AtomicI64,
    stalled_since: AtomicI64,
    has_served: AtomicBool,
    is_multiplexed: AtomicBool,
    is_unflushed: AtomicBool,
    is_closing: AtomicBool,
}

/// A request in flight; dropped when its response is handed over.
pub(super) struct InFlight(Arc<Watch>);

impl Watch {
    /// Starts watching a connection that was just opened.
    pub(super) fn new(clock: Arc<dyn Clock>, settings: Arc<ServerSettings>) -> Arc<Self> {
        let now = clock.now().0;
        Arc::new(Self {
            clock,
            settings,
            in_flight: AtomicUsize::new(0),
            silent_since: AtomicI64::new(now),
            head_since: AtomicI64::new(NEVER),
            stalled_since: AtomicI64::new(NEVER),
            has_served: AtomicBool::new(false),
            is_multiplexed: AtomicBool::new(false),
            is_unflushed: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
        })
    }

    /// Records that a request's head is complete.
    pub(super) fn begin(self: &Arc<Self>, version: http::Version) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.head_since.store(NEVER, Relaxed);
        self.has_served.store(true, Relaxed);
        self.is_multiplexed.store(version == http::Version::HTTP_2, Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Records that bytes arrived.
    pub(super) fn has_read(&self) {
        if self.in_flight.load(Relaxed) == 0 && self.head_since.load(Relaxed) == NEVER {
            self.head_since.store(self.clock.now().0, Relaxed);
        }
    }

    /// Records whether the peer accepted bytes.
    pub(super) fn has_written<T>(&self, outcome: &Poll<T>) {
        match outcome {
            Poll::Ready(_) => self.stalled_since.store(NEVER, Relaxed),
            Poll::Pending if self.stalled_since.load(Relaxed) == NEVER => {
                self.stalled_since.store(self.clock.now().0, Relaxed);
            }
            Poll::Pending => {}
        }
    }

    /// Records that all bytes of responses were handed to the socket.
    pub(super) fn has_flushed(&self) {
        self.is_unflushed.store(false, Relaxed);
    }

    /// Records that the server shuts down.
    pub(super) fn close(&self) {
        self.is_closing.store(true, Relaxed);
    }

    /// Whether the server shuts down, so that the present response is the last.
    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Relaxed)
    }

    /// Whether every request that was read has its whole response.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight.load(Relaxed) == 0 && !self.is_unflushed.load(Relaxed)
    }

    /// Whether a part of a request's head has arrived, and the rest not yet.
    pub(super) fn is_receiving_head(&self) -> bool {
        self.in_flight.load(Relaxed) == 0 && self.head_since.load(Relaxed) != NEVER
    }

    /// Returns the instant at which the connection must be closed, given its activity so far.
    fn deadline(&self) -> Option<Timestamp> {
        let after = |since: &AtomicI64, wait: Duration| {
            Some(since.load(Relaxed)).filter(|since| *since != NEVER).map(|since| plus(since, wait))
        };
        let stalled = after(&self.stalled_since, self.settings.stall_deadline);
        if self.in_flight.load(Relaxed) > 0 {
            return stalled;
        }
        let waiting = if !self.has_served.load(Relaxed) {
            after(&self.silent_since, self.settings.head_deadline)
        } else if self.is_multiplexed.load(Relaxed) {
            after(&self.silent_since, self.settings.idle_deadline)
        } else {
            after(&self.head_since, self.settings.head_deadline)
                .or_else(|| after(&self.silent_since, self.settings.idle_deadline))
        };
        stalled.into_iter().chain(waiting).min()
    }
}

/// Adds `wait` to `since`.
fn plus(since: i64, wait: Duration) -> Timestamp {
    Timestamp(since.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.silent_since.store(self.0.clock.now().0, Relaxed);
        self.0.is_unflushed.store(true, Relaxed);
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// Resolves when a connection's deadline has passed. Polled in the connection's own task, after the
/// connection: every change of the deadline also wakes that task.
#[derive(Default)]
pub(super) struct Alarm(Option<(Timestamp, BoxFuture<'static, ()>)>);

impl Alarm {
    /// Resolves when the deadline has passed.
    pub(super) fn poll(&mut self, watch: &Watch, context: &mut Context<'_>) -> Poll<()> {
        loop {
            // The end of an HTTP/2 stream wakes another task, so the deadline is checked again after a while
            // at the latest.
            let now = watch.clock.now();
            let deadline = watch.deadline();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready(());
            }
            let next = deadline.unwrap_or_else(|| plus(now.0, watch.settings.idle_deadline));
            if self.0.as_ref().is_none_or(|(set_for, _)| next < *set_for) {
                self.0 = Some((next, watch.clock.sleep_until(next)));
            }
            let Some((_, sleep)) = &mut self.0 else { return Poll::Pending };
            ready!(sleep.as_mut().poll(context));
            self.0 = None;
        }
    }
}
