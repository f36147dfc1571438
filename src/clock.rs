//! Time, given to every room and taken by none.
//!
//! Never read anywhere else: reading the system clock outside this file is a lint error.
//! Spec: RFC 7519 `NumericDate` for what leaves the house.
//! Called by: the faces and workers, which hand one `now` to everything that happens in one request.

pub use ::entity::Timestamp;
use futures_util::future::BoxFuture;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where the time comes from, and how to wait for it.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
    /// Resolves once `at` has come.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where waiting happens")]
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait = u64::try_from(at.0.saturating_sub(self.now().0)).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait)))
    }
}
