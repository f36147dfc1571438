//! A clock that stands still until a test moves it, or, for tests with real processes, the system's time.

use countersign::clock::{Clock, SystemClock, Timestamp};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::watch;

/// 2026-11-24 00:00:00 UTC, at which every story begins.
pub const DAWN: Timestamp = Timestamp::from_unix_seconds(1_795_478_400);

/// The time that the test sets; clones show the same time.
#[derive(Clone, Debug)]
pub struct FixedClock {
    shown: Arc<watch::Sender<Timestamp>>,
    sleeps: Arc<watch::Sender<u64>>,
    is_running: bool,
}

impl FixedClock {
    /// A clock that shows [`DAWN`].
    pub fn at_dawn() -> Self {
        Self { shown: Arc::new(watch::Sender::new(DAWN)), sleeps: Arc::default(), is_running: false }
    }

    /// A clock that shows the system's time and cannot be moved.
    pub fn running() -> Self {
        Self { is_running: true, ..Self::at_dawn() }
    }

    /// How many sleeps have begun so far.
    pub fn sleeps(&self) -> u64 {
        *self.sleeps.borrow()
    }

    /// Resolves once `count` sleeps have begun since the clock was made.
    pub async fn sleeps_reached(&self, count: u64) {
        self.sleeps.subscribe().wait_for(|begun| *begun >= count).await.expect("the clock is there");
    }

    /// Lets `seconds` pass and wakes the tasks that sleep until an instant in them.
    pub fn advance(&self, seconds: i64) {
        assert!(!self.is_running, "the system's time cannot be moved");
        self.shown.send_modify(|now| *now = now.plus_seconds(seconds));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        if self.is_running { SystemClock.now() } else { *self.shown.borrow() }
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        if self.is_running {
            return SystemClock.sleep_until(at);
        }
        self.sleeps.send_modify(|begun| *begun += 1);
        let mut time = self.shown.subscribe();
        let clock = self.clone();
        Box::pin(async move {
            // Fails only when the clock is gone, and this future holds it.
            let _ = time.wait_for(|now| *now >= at).await;
            drop(clock);
        })
    }
}

mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_instant_comes_and_not_before() {
        let clock = FixedClock::at_dawn();
        let sleeper = tokio::spawn(clock.sleep_until(DAWN.plus_seconds(60)));
        clock.sleeps_reached(1).await;
        clock.advance(59);
        assert!(clock.sleep_until(DAWN.plus_seconds(60)).now_or_never().is_none());
        assert!(!sleeper.is_finished());
        clock.advance(1);
        sleeper.await.expect("the sleeper wakes");
        assert!(clock.sleep_until(DAWN).now_or_never().is_some());
        assert_eq!(clock.now(), DAWN.plus_seconds(60));
    }
}
