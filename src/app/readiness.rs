//! Readiness: one small write with a real commit proves that the database takes writes; concurrent probes
//! share it.
//!
//! Never writes without a request. Spec: none; load balancers rely on the two paths and their statuses.
//! Called by: `site`, for `/readyz` and `/healthz`.

use crate::{
    clock::{Clock, Timestamp},
    fault::Fault,
    storage::{Storage, settings},
};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Either, Shared, select},
};
use std::sync::{Arc, Mutex};

/// A success is reused for this many milliseconds.
const READY_MILLISECONDS: i64 = 5_000;
/// A failure is reused for this many milliseconds.
const NOT_READY_MILLISECONDS: i64 = 1_000;
/// A database without an answer for this many seconds counts as failed.
const DEADLINE_SECONDS: i64 = 3;

type Outcome = Result<(), Arc<Fault>>;
type Probe = Shared<BoxFuture<'static, (Timestamp, Outcome)>>;

/// The last probe, finished or running.
#[derive(Default)]
pub struct Readiness(Mutex<Option<Probe>>);

impl Readiness {
    /// Checks that the database takes writes. At most one probe runs at a time; a success is reused for 5 s,
    /// a failure for 1 s. A success does not count while other writes fail: a disk that is almost full has
    /// room for the probe and for nothing else.
    ///
    /// # Errors
    /// The temporary [`Fault`] of the last probe, or of the writes that fail.
    pub async fn prove(&self, storage: &Storage, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
        let (_, outcome) = self.current(storage, clock).await;
        outcome.map_err(|fault| fault.shared())?;
        storage.check_serving()
    }

    fn current(&self, storage: &Storage, clock: &Arc<dyn Clock>) -> Probe {
        let mut last = match self.0.lock() {
            Ok(last) => last,
            Err(poisoned) => poisoned.into_inner(),
        };
        let now = clock.now();
        let is_serving = storage.check_serving().is_ok();
        if let Some(probe) = last.as_ref().filter(|probe| is_current(probe, now, is_serving)) {
            return probe.clone();
        }
        let probe = start(storage.clone(), Arc::clone(clock));
        *last = Some(probe.clone());
        probe
    }
}

/// Whether a probe is running, or its result is still recent. A result from the future, after the clock was
/// set back, is not. After a failure, of the probe or of another statement, the next probe comes earlier.
fn is_current(probe: &Probe, now: Timestamp, is_serving: bool) -> bool {
    let Some((at, outcome)) = probe.peek() else { return true };
    let lifetime = if outcome.is_ok() && is_serving { READY_MILLISECONDS } else { NOT_READY_MILLISECONDS };
    (0..lifetime).contains(&now.0.saturating_sub(at.0))
}

/// Starts a probe. It runs to its end or its deadline even when every waiting request is dropped.
fn start(storage: Storage, clock: Arc<dyn Clock>) -> Probe {
    let running = tokio::spawn(async move {
        let outcome = write(&storage, clock.as_ref()).await.map_err(Arc::new);
        (clock.now(), outcome)
    });
    let ended_early = Fault::broken("the readiness probe ended without a result");
    running.map(|ended| ended.unwrap_or_else(|_| (Timestamp(0), Err(Arc::new(ended_early))))).boxed().shared()
}

async fn write(storage: &Storage, clock: &dyn Clock) -> Result<(), Fault> {
    let now = clock.now();
    let deadline = clock.sleep_until(now.plus_seconds(DEADLINE_SECONDS));
    match select(Box::pin(settings::prove_write(storage, now)), deadline).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => {
            storage.report_no_answer(DEADLINE_SECONDS.unsigned_abs());
            Err(Fault::away("the database does not take a write", "no answer in time"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use std::{
        sync::atomic::{AtomicI64, Ordering},
        time::Duration,
    };

    /// A clock that the test moves; its sleeps never end.
    struct MovedClock(AtomicI64);

    impl Clock for MovedClock {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }

        fn sleep_until(&self, _: Timestamp) -> BoxFuture<'static, ()> {
            std::future::pending().boxed()
        }
    }

    #[tokio::test]
    async fn a_failure_is_reused_for_a_second_and_a_success_for_five() {
        let folder = tempfile::tempdir().unwrap();
        let (path, moved_file) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let storage = Storage::open(&format!("sqlite://{}", path.display())).await.unwrap();
        let moved = Arc::new(MovedClock(AtomicI64::new(1_800_000_000_000)));
        let pass = |milliseconds| moved.0.fetch_add(milliseconds, Ordering::Relaxed);
        let clock: Arc<dyn Clock> = Arc::clone(&moved) as _;
        let readiness = Readiness::default();

        assert!(readiness.prove(&storage, &clock).await.is_ok());
        std::fs::rename(&path, &moved_file).unwrap();
        pass(4_999);
        assert!(readiness.prove(&storage, &clock).await.is_ok());
        pass(1);
        assert!(readiness.prove(&storage, &clock).await.unwrap_err().is_temporary());
        std::fs::rename(&moved_file, &path).unwrap();
        pass(999);
        assert!(readiness.prove(&storage, &clock).await.is_err());
        pass(1);
        becomes_ready(&readiness, &storage, &moved).await;
        pass(4_999);
        assert!(readiness.prove(&storage, &clock).await.is_ok());
    }

    /// Waits for the second without a failure, which the storage measures by the system's clock.
    async fn becomes_ready(readiness: &Readiness, storage: &Storage, moved: &Arc<MovedClock>) {
        let clock: Arc<dyn Clock> = Arc::clone(moved) as _;
        let ready = async {
            while readiness.prove(storage, &clock).await.is_err() {
                SystemClock.sleep_until(Timestamp(SystemClock.now().0 + 50)).await;
                moved.0.fetch_add(NOT_READY_MILLISECONDS, Ordering::Relaxed);
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ready).await.expect("ready again");
    }

    #[tokio::test]
    async fn a_successful_probe_does_not_count_while_other_writes_fail() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(&format!("sqlite://{}/a.db", folder.path().display())).await.unwrap();
        let moved = Arc::new(MovedClock(AtomicI64::new(1_800_000_000_000)));
        let clock: Arc<dyn Clock> = Arc::clone(&moved) as _;
        let readiness = Readiness::default();
        assert!(readiness.prove(&storage, &clock).await.is_ok());

        storage.report_no_answer(5);
        assert!(readiness.prove(&storage, &clock).await.unwrap_err().is_temporary());
        becomes_ready(&readiness, &storage, &moved).await;
    }

    #[tokio::test]
    async fn a_probe_runs_to_its_end_after_its_caller_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(&format!("sqlite://{}/a.db", folder.path().display())).await.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(MovedClock(AtomicI64::new(1_800_000_000_000)));
        let readiness = Readiness::default();
        let held = storage.begin().await.unwrap();
        let waiting = Box::pin(readiness.prove(&storage, &clock));
        assert!(waiting.now_or_never().is_none());
        drop(held);
        assert!(readiness.prove(&storage, &clock).await.is_ok());
        let row = settings::find(&storage, "readiness").await.unwrap().unwrap();
        assert_eq!(row["writes"], 1);
    }
}
