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
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_requested_shutdown_is_seen_by_earlier_and_later_waiters() {
        let shutdown = Shutdown::default();
        assert!(shutdown.requested().now_or_never().is_none());
        shutdown.clone().request();
        assert!(shutdown.requested().now_or_never().is_some());
        assert!(shutdown.requested().now_or_never().is_some());
    }
}
