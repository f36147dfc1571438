//! Runs work to its end even when its caller is dropped.
//!
//! A request that is dropped between the steps of a transaction's begin or commit must not leave the
//! connection in a state that the pool does not know.

use futures_util::future::BoxFuture;
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

/// Time limit for abandoned work; after it the work is dropped, with its connection's transaction.
const LONGEST: Duration = Duration::from_secs(10);

/// Runs `work` in place; when the caller is dropped, the rest of it runs in the background.
pub(super) async fn complete<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    Completion(Some(Box::pin(work))).await
}

struct Completion<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Future for Completion<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out while it is polled: work that panicked is not polled again.
        let Some(mut work) = self.0.take() else { return Poll::Pending };
        let answer = work.as_mut().poll(context);
        if answer.is_pending() {
            self.0 = Some(work);
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Completion<T> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(LONGEST, work).await;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn work_is_finished_whether_or_not_its_caller_is_dropped() {
        assert_eq!(complete(async { 7 }).await, 7);
        let (go_on, gate) = oneshot::channel::<()>();
        let (finish, finished) = oneshot::channel::<()>();
        let mut work = Box::pin(complete(async move {
            gate.await.unwrap();
            finish.send(()).unwrap();
        }));
        assert!((&mut work).now_or_never().is_none());
        drop(work);
        go_on.send(()).unwrap();
        finished.await.unwrap();
    }
}
