//! Health of the database: logs one line at each change and decides which connections must not be used any
//! more.
//!
//! Never queries the database: it learns from the outcomes of other queries. Spec: none.
//! Called by: `monitored`, for every statement; `connection_checks`, for every connection that is handed out
//! or returned.

use super::{Cause, trouble::Trouble};
use sea_orm::DbErr;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// A success counts only when nothing has failed for this long, so that a database that serves some
/// statements and refuses others causes one log line.
const QUIET: Duration = Duration::from_secs(1);
/// Minimum time between two retirements of the connections caused by failing statements: on a database that
/// stays read-only, each failing write would otherwise reopen all of them.
const BETWEEN_RETIREMENTS: Duration = Duration::from_secs(1);
/// For this long after a failure a returned connection is tested with a deadline.
const DOUBT: Duration = Duration::from_secs(60);
/// A statement without an answer for this long counts as a hanging database.
const HANGS_AFTER: Duration = Duration::from_secs(5);

/// The kind of work that a statement belongs to. A database may read without writing, but not write without
/// reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    /// A query outside of a transaction.
    Read,
    /// A write transaction; its commit is its success.
    Write,
}

/// The known state of the database, shared by all clones.
#[derive(Clone, Debug, Default)]
pub(super) struct Health(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether `state.down` is set: read without the lock for every statement.
    is_down: AtomicBool,
    state: Mutex<State>,
    retirement: Notify,
}

#[derive(Debug, Default)]
struct State {
    down: Option<Down>,
    /// Connections opened before this time are closed instead of used.
    retired_at: Option<Instant>,
    doubted_at: Option<Instant>,
}

#[derive(Debug)]
struct Down {
    work: Work,
    since: Instant,
    last_failure: Instant,
}

impl Health {
    /// Records that a statement failed.
    pub(super) fn failed(&self, work: Work, error: &DbErr) {
        match Trouble::of(error) {
            Trouble::Unavailable => {
                self.is_away(work, &error.into());
                self.retire(BETWEEN_RETIREMENTS);
            }
            // The connections may be good, and all in use.
            Trouble::Exhausted => self.is_away(work, &error.into()),
            Trouble::Defect | Trouble::Contention | Trouble::Closed => {}
        }
    }

    /// Records that BEGIN or COMMIT failed: the state of its connection is unknown, unless another
    /// transaction was in the way.
    pub(super) fn failed_at_boundary(&self, error: &DbErr) {
        self.failed(Work::Write, error);
        if matches!(Trouble::of(error), Trouble::Defect | Trouble::Unavailable) {
            self.retire(Duration::ZERO);
        }
    }

    /// Records that the database cannot be used, for a reason that no statement reported.
    pub(super) fn is_away(&self, work: Work, cause: &Cause) {
        let is_new = self.with_state(|state, now| {
            state.doubted_at = Some(now);
            state.fail(work, now)
        });
        self.0.is_down.store(true, Ordering::Relaxed);
        if is_new {
            tracing::error!("the database does not serve; requests are answered 503 until it does: {cause}");
        }
    }

    /// Records that a statement succeeded or a transaction was committed.
    pub(super) fn served(&self, work: Work) {
        if !self.0.is_down.load(Ordering::Relaxed) {
            return;
        }
        if let Some(seconds) = self.with_state(|state, now| state.serve(work, now)) {
            self.0.is_down.store(false, Ordering::Relaxed);
            tracing::info!(after_seconds = seconds, "the database serves again");
        }
    }

    /// Whether the database serves: no failure since it last did.
    pub(super) fn is_serving(&self) -> bool {
        !self.0.is_down.load(Ordering::Relaxed)
    }

    /// Records that the caller stopped waiting for a statement that began `waited` ago.
    pub(super) fn abandoned(&self, work: Work, waited: Duration) {
        self.with_state(|state, now| state.doubted_at = Some(now));
        if waited >= HANGS_AFTER {
            self.hangs(work, waited.as_secs());
        }
    }

    /// Records that no answer came within `seconds`.
    pub(super) fn hangs(&self, work: Work, seconds: u64) {
        self.is_away(work, &Cause::in_words(format!("no answer within {seconds} s")));
        self.retire(BETWEEN_RETIREMENTS);
    }

    /// Closes every connection that is open now when it is next handed out or returned; does nothing within
    /// `pause` of the last retirement.
    pub(super) fn retire(&self, pause: Duration) {
        if self.with_state(|state, now| state.retire(pause, now)) {
            self.0.retirement.notify_waiters();
        }
    }

    /// Resolves at the next retirement.
    pub(super) async fn retirement(&self) {
        self.0.retirement.notified().await;
    }

    /// Whether a connection that was opened `age` ago may be used.
    pub(super) fn may_use(&self, age: Duration) -> bool {
        self.with_state(|state, now| state.may_use(age, now))
    }

    /// Whether a statement failed or was abandoned recently, so that a connection may hang.
    pub(super) fn is_doubtful(&self) -> bool {
        self.with_state(|state, now| {
            state.doubted_at.is_some_and(|at| now.saturating_duration_since(at) < DOUBT)
        })
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let mut state = match self.0.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        };
        change(&mut state, now())
    }
}

impl State {
    /// Records a failure; `true` when the database served until now.
    fn fail(&mut self, work: Work, now: Instant) -> bool {
        match &mut self.down {
            Some(down) => {
                down.work = down.work.max(work);
                down.last_failure = now;
                false
            }
            None => {
                self.down = Some(Down { work, since: now, last_failure: now });
                true
            }
        }
    }

    /// Records a success; returns the length of the outage in seconds when this success proves that it is
    /// over.
    fn serve(&mut self, work: Work, now: Instant) -> Option<u64> {
        let proves =
            |down: &&mut Down| work >= down.work && now.saturating_duration_since(down.last_failure) >= QUIET;
        let since = self.down.as_mut().filter(proves)?.since;
        self.down = None;
        Some(now.saturating_duration_since(since).as_secs())
    }

    /// Whether a retirement is due, at least `pause` after the last one; records it.
    fn retire(&mut self, pause: Duration, now: Instant) -> bool {
        let is_due = self.retired_at.is_none_or(|at| now.saturating_duration_since(at) >= pause);
        if is_due {
            self.retired_at = Some(now);
        }
        is_due
    }

    fn may_use(&self, age: Duration, now: Instant) -> bool {
        self.retired_at.is_none_or(|at| age < now.saturating_duration_since(at))
    }
}

/// The clock that the pool uses for the age of its connections.
#[expect(clippy::disallowed_methods, reason = "compared with ages that the pool measures by the same clock")]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_does_not_prove_that_the_database_writes_again() {
        let (mut state, at) = (State::default(), |seconds| now() + Duration::from_secs(seconds));
        assert!(state.fail(Work::Write, at(0)));
        assert!(!state.fail(Work::Read, at(10)), "one line, not one for each failure");
        assert_eq!(state.serve(Work::Read, at(20)), None);
        assert_eq!(state.serve(Work::Write, at(30)), Some(30));
        assert_eq!(state.serve(Work::Write, at(40)), None);
        assert!(state.fail(Work::Read, at(50)));
        assert_eq!(state.serve(Work::Read, at(60)), Some(10));
    }

    #[test]
    fn a_success_between_failures_changes_nothing() {
        let (mut state, begun) = (State::default(), now());
        assert!(state.fail(Work::Write, begun));
        assert_eq!(state.serve(Work::Write, begun + QUIET / 2), None);
        assert!(!state.fail(Work::Write, begun + QUIET));
        assert_eq!(state.serve(Work::Write, begun + QUIET * 3 / 2), None);
        assert!(state.serve(Work::Write, begun + QUIET * 2).is_some());
    }

    #[test]
    fn only_connections_opened_after_a_retirement_are_used() {
        let (mut state, begun) = (State::default(), now());
        let (older, newer) = (Duration::from_secs(5), Duration::from_secs(1));
        assert!(state.may_use(older, begun));
        assert!(state.retire(BETWEEN_RETIREMENTS, begun));
        let later = begun + Duration::from_secs(2);
        assert!(!state.may_use(older, later) && state.may_use(newer, later));
        assert!(!state.retire(BETWEEN_RETIREMENTS, begun + BETWEEN_RETIREMENTS / 2));
        assert!(state.retire(Duration::ZERO, begun + BETWEEN_RETIREMENTS / 2));
        assert!(state.retire(BETWEEN_RETIREMENTS, begun + BETWEEN_RETIREMENTS * 2));
    }

    #[test]
    fn a_statement_abandoned_early_raises_doubt_and_a_late_one_is_a_failure() {
        let health = Health::default();
        assert!(!health.is_doubtful());
        health.abandoned(Work::Read, Duration::from_millis(3));
        assert!(health.is_doubtful() && health.may_use(Duration::from_secs(1000)));
        health.abandoned(Work::Read, HANGS_AFTER);
        assert!(!health.may_use(Duration::from_secs(1000)));
    }
}
