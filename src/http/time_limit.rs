//! How long a handler may take until its answer begins: a database that stands still must not hold whoever asks.

use crate::{
    clock::{Clock, Timestamp},
    http::urls::Path,
    limits::lifetimes::{MAX_HANDLER_SECONDS, MAX_LONG_POLL_HANDLER_SECONDS},
    storage::{Cause, Fault},
};
use futures_util::{future::Either, pin_mut};
use std::time::Duration;

/// The handlers that wait for something to happen, at most 25 seconds.
const LONG_POLL_PATHS: [Path; 2] = [Path::SigninPushStatus, Path::SigninEnrollStatus];

/// The limits.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimit {
    /// For a handler that works.
    pub work: Duration,
    /// For a long poll.
    pub poll: Duration,
}

/// A handler was given up.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("nothing came within {} ms", .0.as_millis())]
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
    /// What `handler` gives for a request of `path`. When it takes too long it is given up, and with it whatever it had
    /// not committed.
    pub(super) async fn hold<T>(
        self,
        path: &str,
        clock: &dyn Clock,
        handler: impl Future<Output = poem::Result<T>>,
    ) -> poem::Result<T> {
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
    async fn who_works_for_too_long_is_given_up_and_who_waits_by_design_is_not() {
        assert_eq!(held("/token", 0).await, Ok("answered"));
        assert_eq!(held("/token", 100).await, Err(503));
        assert_eq!(held("/signin/push/status", 100).await, Ok("answered"));
        assert_eq!(held("/signin/push/status", 2_000).await, Err(503));
    }
}
