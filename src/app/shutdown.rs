//! Whether the house is closing: who waits for something slow stops waiting.

use std::sync::Arc;
use tokio::sync::watch;

/// A door that closes once.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Shutdown {
    /// From now on the house is closing.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Resolves once it is. Streams and long polls end then, so that a stop does not wait for them.
    pub async fn requested(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|is_closing| *is_closing).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn everyone_learns_of_the_end_whenever_they_ask() {
        let shutdown = Shutdown::default();
        assert!(shutdown.requested().now_or_never().is_none());
        shutdown.clone().request();
        assert!(shutdown.requested().now_or_never().is_some());
        assert!(shutdown.requested().now_or_never().is_some());
    }
}
