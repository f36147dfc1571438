//! A clock that stands still until a test moves it; or, for stories with real processes, one that runs as theirs.

use countersign::clock::{Clock, SystemClock, Timestamp};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::watch;

/// 2026-11-24 00:00:00 UTC: when every story begins.
pub const DAWN: Timestamp = Timestamp::from_unix_seconds(1_795_478_400);

/// Time as the test says it; clones show the same time.
#[derive(Clone, Debug)]
pub struct FixedClock {
    shown: Arc<watch::Sender<Timestamp>>,
    is_running: bool,
}

impl FixedClock {
    /// A clock that shows [`DAWN`].
    pub fn at_dawn() -> Self {
        Self { shown: Arc::new(watch::Sender::new(DAWN)), is_running: false }
    }

    /// A clock that shows the real time: nobody can move it.
    pub fn running() -> Self {
        Self { is_running: true, ..Self::at_dawn() }
    }

    /// Lets `seconds` pass: whoever waits for an instant up to then goes on.
    pub fn advance(&self, seconds: i64) {
        assert!(!self.is_running, "nobody moves the real time");
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
        clock.advance(59);
        assert!(clock.sleep_until(DAWN.plus_seconds(60)).now_or_never().is_none());
        assert!(!sleeper.is_finished());
        clock.advance(1);
        sleeper.await.expect("the sleeper wakes");
        assert!(clock.sleep_until(DAWN).now_or_never().is_some());
        assert_eq!(clock.now(), DAWN.plus_seconds(60));
    }
}
