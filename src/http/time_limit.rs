//! Limits the duration of handlers until the response begins: a database that hangs must not hold requests.

use crate::{
    clock::{Clock, Timestamp},
    fault::{Cause, Fault},
    http::urls::{Addressed, Path},
    limits::lifetimes::{MAX_HANDLER_SECONDS, MAX_LONG_POLL_HANDLER_SECONDS},
};
use futures_util::{future::Either, pin_mut};
use std::time::Duration;

/// The handlers that wait for an event, at most 25 seconds.
const LONG_POLL_PATHS: [Path; 2] = [Path::SigninPushStatus, Path::SigninEnrollStatus];

/// The limits per kind of handler.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimit {
    /// For handlers that do not wait for events.
    pub work: Duration,
    /// For long polls.
    pub poll: Duration,
}

/// A handler exceeded its limit.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no response within {} ms", .0.as_millis())]
struct TooLate(Duration);

impl Default for TimeLimit {
    fn default() -> Self {
        Self {
            work: Duration::from_secs(MAX_HANDLER_SECONDS),
            poll: Duration::from_secs(MAX_LONG_POLL_HANDLER_SECONDS),
        }
    }
}

impl TimeLimit {
    /// Runs `handler` for a request of `path`. A handler that exceeds its limit is dropped, and its
    /// uncommitted transaction is rolled back.
    pub(super) async fn hold<T>(
        self,
        path: &str,
        clock: &dyn Clock,
        handler: impl Future<Output = poem::Result<T>>,
    ) -> poem::Result<T> {
        let path = Addressed::of(path).path();
        let limit =
            if LONG_POLL_PATHS.iter().any(|poll| poll.as_str() == path) { self.poll } else { self.work };
        let wait = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
        let deadline = clock.sleep_until(Timestamp(clock.now().0.saturating_add(wait)));
        pin_mut!(handler);
        match futures_util::future::select(handler, deadline).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                Err(Fault::away("a handler took too long", Cause::of(&TooLate(limit))).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    const LIMIT: TimeLimit = TimeLimit { work: Duration::from_millis(20), poll: Duration::from_millis(500) };

    async fn held(path: &str, milliseconds: i64) -> Result<&'static str, u16> {
        let handler = async {
            SystemClock.sleep_until(Timestamp(SystemClock.now().0 + milliseconds)).await;
            Ok("answered")
        };
        LIMIT.hold(path, &SystemClock, handler).await.map_err(|error| error.status().as_u16())
    }

    #[tokio::test]
    async fn a_slow_handler_is_dropped_and_a_long_poll_is_not() {
        assert_eq!(held("/token", 0).await, Ok("answered"));
        assert_eq!(held("/token", 100).await, Err(503));
        assert_eq!(held("/signin/push/status", 100).await, Ok("answered"));
        assert_eq!(held("/w/acme/signin/push/status", 100).await, Ok("answered"));
        assert_eq!(held("/signin/push/status", 2_000).await, Err(503));
    }
}
