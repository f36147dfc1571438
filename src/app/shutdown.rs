//! Shutdown signal; long waits select on it.

use std::sync::Arc;
use tokio::sync::watch;

/// A signal that is sent once. Clones share it.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Shutdown {
    /// Sends the signal.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Resolves once the signal was sent. Streams and long polls end then, so that the shutdown does not wait
    /// for them.
    pub async fn requested(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|is_requested| *is_requested).await;
    }

    /// Runs `work` and drops it once the signal is sent.
    pub fn until_requested<W>(&self, work: W) -> impl Future<Output = ()> + Send + 'static + use<W>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let shutdown = self.clone();
        async move {
            tokio::select! {
                () = shutdown.requested() => {}
                () = work => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::future::{pending, ready};

    #[test]
    fn a_requested_shutdown_is_seen_by_earlier_and_later_waiters() {
        let shutdown = Shutdown::default();
        assert!(shutdown.requested().now_or_never().is_none());
        shutdown.clone().request();
        assert!(shutdown.requested().now_or_never().is_some());
        assert!(shutdown.requested().now_or_never().is_some());
    }

    #[test]
    fn endless_work_is_dropped_at_shutdown_and_other_work_runs_to_its_end() {
        let shutdown = Shutdown::default();
        assert!(shutdown.until_requested(ready(())).now_or_never().is_some());
        let mut endless = Box::pin(shutdown.until_requested(pending()));
        assert!((&mut endless).now_or_never().is_none());
        shutdown.request();
        assert!(endless.now_or_never().is_some());
    }
}
