//! Hashes passwords on blocking threads, with a bound on how many run at a time.

use super::App;
use crate::{
    clock::{Clock, Timestamp},
    factors::password::{HashParameters, Hasher, hash_password},
    fault::{Cause, Fault},
    limits::{concurrency::MAX_QUEUED_PER_SLOT, lifetimes::HASHER_KEEP_ALIVE_MILLISECONDS},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::Semaphore;

/// The queue of password hashes is full: the request is answered 503 with `Retry-After: 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded;

/// Runs password hashes, with a bound on how many run and how many wait. Their memory is reused and released
/// after a second without a hash.
#[derive(Clone)]
pub struct Hashing {
    parameters: HashParameters,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    resting: Arc<Mutex<Vec<Hasher>>>,
    begun: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
}

impl Hashing {
    /// Runs at most `concurrent` hashes at a time.
    pub fn new(parameters: HashParameters, concurrent: usize, clock: Arc<dyn Clock>) -> Self {
        let concurrent = concurrent.max(1);
        Self {
            parameters,
            turns: Arc::new(Semaphore::new(concurrent)),
            queue: Arc::new(Semaphore::new(concurrent * MAX_QUEUED_PER_SLOT)),
            resting: Arc::default(),
            begun: Arc::default(),
            clock,
        }
    }

    /// Returns the cost of one hash.
    pub fn parameters(&self) -> HashParameters {
        self.parameters
    }

    /// Runs `work` on a blocking thread as soon as a slot is free.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue is full, or `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| Overloaded)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Overloaded)?;
        let hashing = self.clone();
        self.begun.fetch_add(1, Relaxed);
        let done = tokio::task::spawn_blocking(move || {
            let mut hasher = hashing.take_hasher();
            let result = work(&mut hasher);
            hashing.give_back(hasher);
            drop(turn);
            result
        });
        done.await.map_err(|_| Overloaded)
    }

    fn take_hasher(&self) -> Hasher {
        let resting = self.resting.lock().ok().and_then(|mut resting| resting.pop());
        resting.unwrap_or_else(|| Hasher::new(self.parameters))
    }

    /// Keeps the hasher's memory for the next hash; without a new hash within a second all of it is released.
    fn give_back(&self, hasher: Hasher) {
        if let Ok(mut resting) = self.resting.lock() {
            resting.push(hasher);
        }
        let begun = self.begun.load(Relaxed);
        let hashing = self.clone();
        tokio::runtime::Handle::current().spawn(async move {
            let until = Timestamp(hashing.clock.now().0.saturating_add(HASHER_KEEP_ALIVE_MILLISECONDS));
            hashing.clock.sleep_until(until).await;
            if begun == hashing.begun.load(Relaxed)
                && let Ok(mut resting) = hashing.resting.lock()
            {
                resting.clear();
            }
        });
    }
}

impl App {
    /// Hashes a new password.
    ///
    /// # Errors
    /// When the queue of password hashes is full.
    pub async fn hash_password(&self, password: String) -> Result<String, Fault> {
        let entropy = Arc::clone(&self.entropy);
        let hashed = self.hashing.run(move |hasher| hash_password(&password, entropy.as_ref(), hasher));
        match hashed.await {
            Ok(hash) => {
                hash.map_err(|error| Fault::because("the password cannot be hashed", Cause::of(&error)))
            }
            Err(Overloaded) => Err(Fault::away("too many passwords are being hashed", "the queue is full")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::BoxFuture;
    use tokio::sync::Notify;

    /// A clock whose sleeps end when the test notifies it.
    #[derive(Default)]
    struct Held(Arc<Notify>);

    impl Clock for Held {
        fn now(&self) -> Timestamp {
            Timestamp(1_800_000_000_000)
        }
        fn sleep_until(&self, _at: Timestamp) -> BoxFuture<'static, ()> {
            let second = Arc::clone(&self.0);
            Box::pin(async move { second.notified().await })
        }
    }

    #[tokio::test]
    async fn memory_is_reused_by_the_next_hash_and_released_without_one() {
        let clock = Held::default();
        let second = Arc::clone(&clock.0);
        let hashing = Hashing::new(HashParameters::MIN_COST, 2, Arc::new(clock));
        let resting = || hashing.resting.lock().unwrap().len();
        for _ in 0..3 {
            hashing.run(|_| ()).await.unwrap();
            assert_eq!(resting(), 1, "hashes in sequence share one hasher");
        }
        while resting() > 0 {
            second.notify_one();
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_hash_is_refused_at_once_while_the_queue_is_full() {
        let hashing = Hashing::new(HashParameters::MIN_COST, 1, Arc::new(Held::default()));
        let full =
            hashing.queue.clone().try_acquire_many_owned(MAX_QUEUED_PER_SLOT.try_into().unwrap()).unwrap();
        assert_eq!(hashing.run(|_| ()).await, Err(Overloaded));
        drop(full);
        assert_eq!(hashing.run(|_| ()).await, Ok(()));
    }
}
