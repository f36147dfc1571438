//! Hashes passwords on blocking threads, with a bound on how many run at a time.

use super::App;
use crate::{
    clock::{Clock, Timestamp},
    factors::password::{HashParameters, Hasher, hash_password},
    fault::{Cause, Fault},
    limits::{
        concurrency::{
            MAX_QUEUED_PER_SLOT, MAX_QUEUED_PER_SLOT_OF_SOURCE, RESERVED_QUEUE_PER_SLOT, Slot, Slots,
        },
        lifetimes::HASHER_KEEP_ALIVE_MILLISECONDS,
        lockout::BrowserFamiliarity,
    },
};
use ipnet::IpNet;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::sync::Semaphore;

/// The queue of password hashes is full: the request is answered 503 with `Retry-After: 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded;

/// The browser for which a password is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingFor {
    /// The network that limits count.
    pub source: IpNet,
    /// Whether the browser has signed the person in before.
    pub familiarity: BrowserFamiliarity,
}

/// Runs password hashes, with a bound on how many run and how many wait. Their memory is reused and released
/// after a second without a hash.
#[derive(Clone)]
pub struct Hashing {
    parameters: HashParameters,
    turns: Arc<Semaphore>,
    /// The places of the queue.
    queue: Arc<Slots<IpNet>>,
    /// Those of them that unknown browsers may take.
    open_to_all: Arc<Slots<IpNet>>,
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
            queue: Slots::new(concurrent * MAX_QUEUED_PER_SLOT, concurrent * MAX_QUEUED_PER_SLOT_OF_SOURCE),
            open_to_all: Slots::new(
                concurrent * (MAX_QUEUED_PER_SLOT - RESERVED_QUEUE_PER_SLOT),
                concurrent * MAX_QUEUED_PER_SLOT_OF_SOURCE,
            ),
            resting: Arc::default(),
            begun: Arc::default(),
            clock,
        }
    }

    /// Returns the cost of one hash.
    pub fn parameters(&self) -> HashParameters {
        self.parameters
    }

    /// Runs `work` on a blocking thread as soon as a slot is free. `browser` is `None` for a password that the server
    /// itself sets.
    ///
    /// # Errors
    /// [`Overloaded`] when the queue is full, or the share of the source or of unknown browsers, or `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        browser: Option<HashingFor>,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let _waiting = self.wait_in_queue(browser)?;
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

    /// Takes a place in the queue. One source gets half of them at most, and some are left to known browsers, so that a
    /// flood of attempts refuses no known browser.
    fn wait_in_queue(&self, browser: Option<HashingFor>) -> Result<Vec<Slot<IpNet>>, Overloaded> {
        let source = browser.map(|browser| browser.source);
        let is_unknown = browser.is_some_and(|browser| browser.familiarity == BrowserFamiliarity::Unknown);
        let open_to_all = is_unknown.then_some(&self.open_to_all);
        let places = [Some(&self.queue), open_to_all].into_iter().flatten();
        places.map(|places| places.take(source).ok_or(Overloaded)).collect()
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
        let hashed = self.hashing.run(None, move |hasher| hash_password(&password, entropy.as_ref(), hasher));
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
            hashing.run(None, |_| ()).await.unwrap();
            assert_eq!(resting(), 1, "hashes in sequence share one hasher");
        }
        while resting() > 0 {
            second.notify_one();
            tokio::task::yield_now().await;
        }
    }

    fn browser(last: u8, familiarity: BrowserFamiliarity) -> Option<HashingFor> {
        Some(HashingFor { source: std::net::IpAddr::from([192, 0, 2, last]).into(), familiarity })
    }

    fn hashing_of_one() -> Hashing {
        Hashing::new(HashParameters::MIN_COST, 1, Arc::new(Held::default()))
    }

    #[tokio::test]
    async fn a_hash_is_refused_at_once_while_the_queue_is_full() {
        let hashing = hashing_of_one();
        let full: Vec<_> = (0..MAX_QUEUED_PER_SLOT).map(|_| hashing.wait_in_queue(None).unwrap()).collect();
        assert_eq!(hashing.run(None, |_| ()).await, Err(Overloaded));
        drop(full);
        assert_eq!(hashing.run(None, |_| ()).await, Ok(()));
    }

    #[tokio::test]
    async fn one_source_takes_half_of_the_queue_and_others_get_the_rest() {
        for familiarity in [BrowserFamiliarity::Known, BrowserFamiliarity::Unknown] {
            let hashing = hashing_of_one();
            let place = || hashing.wait_in_queue(browser(1, familiarity));
            let half: Vec<_> = (0..MAX_QUEUED_PER_SLOT / 2).map(|_| place().unwrap()).collect();
            assert_eq!(
                hashing.run(browser(1, familiarity), |_| ()).await,
                Err(Overloaded),
                "{familiarity:?}"
            );
            assert_eq!(hashing.run(browser(2, familiarity), |_| ()).await, Ok(()), "{familiarity:?}");
            drop(half);
            assert_eq!(hashing.run(browser(1, familiarity), |_| ()).await, Ok(()), "{familiarity:?}");
        }
    }

    #[tokio::test]
    async fn known_browsers_have_places_that_unknown_ones_cannot_take() {
        let hashing = hashing_of_one();
        let unknown = |last| hashing.wait_in_queue(browser(last, BrowserFamiliarity::Unknown));
        let flood: Vec<_> = (0..=u8::MAX).filter_map(|last| unknown(last).ok()).collect();
        assert_eq!(flood.len(), MAX_QUEUED_PER_SLOT - RESERVED_QUEUE_PER_SLOT);
        let known = browser(9, BrowserFamiliarity::Known);
        assert_eq!(hashing.run(known, |_| ()).await, Ok(()));
    }
}
