//! Password hashing off the request's thread, and only so many at a time.

use crate::factors::password::HashParameters;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many may wait for a turn, for each turn there is.
const QUEUE: usize = 64;

/// No turn was to be had soon: the request is answered 503 with `Retry-After: 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overloaded;

/// Password hashing, with a bound on how many run and how many wait.
#[derive(Clone)]
pub struct Hashing {
    parameters: HashParameters,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Hashing {
    /// At most `concurrent` hashes at a time.
    pub fn new(parameters: HashParameters, concurrent: usize) -> Self {
        let concurrent = concurrent.max(1);
        Self {
            parameters,
            turns: Arc::new(Semaphore::new(concurrent)),
            queue: Arc::new(Semaphore::new(concurrent * QUEUE)),
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
        work: impl FnOnce(HashParameters) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| Overloaded)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Overloaded)?;
        let parameters = self.parameters;
        let done = tokio::task::spawn_blocking(move || {
            let result = work(parameters);
            drop(turn);
            result
        });
        done.await.map_err(|_| Overloaded)
    }
}
