//! Password hashing off the request's thread, and only so many at a time.

use crate::factors::password::{HashParameters, Hasher};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// How many may wait for a turn, for each turn there is.
const QUEUE: usize = 64;

/// No turn was to be had soon: the request is answered 503 with `Retry-After: 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded;

/// Password hashing, with a bound on how many run and how many wait. Memory is kept only while someone does.
#[derive(Clone)]
pub struct Hashing {
    parameters: HashParameters,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    capacity: usize,
    resting: Arc<Mutex<Vec<Hasher>>>,
}

impl Hashing {
    /// At most `concurrent` hashes at a time.
    pub fn new(parameters: HashParameters, concurrent: usize) -> Self {
        let concurrent = concurrent.max(1);
        let capacity = concurrent * QUEUE;
        Self {
            parameters,
            turns: Arc::new(Semaphore::new(concurrent)),
            queue: Arc::new(Semaphore::new(capacity)),
            capacity,
            resting: Arc::default(),
        }
    }

    /// The cost of one hash.
    pub fn parameters(&self) -> HashParameters {
        self.parameters
    }

    /// Runs `work` when its turn comes.
    ///
    /// # Errors
    /// [`Overloaded`] when too many wait already, or the work did not end.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hasher) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| Overloaded)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Overloaded)?;
        let hashing = self.clone();
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

    /// Keeps the memory for who comes next. When nobody is left, all of it goes back to the system.
    fn give_back(&self, hasher: Hasher) {
        let Ok(mut resting) = self.resting.lock() else { return };
        let is_last = self.queue.available_permits() + 1 >= self.capacity;
        if is_last { resting.clear() } else { resting.push(hasher) }
    }
}
