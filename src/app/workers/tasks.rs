//! Starts and stops the background tasks together.

use super::{outbox, reread, retention};
use crate::{app::App, storage::Fault};
use std::sync::Arc;
use tokio::task::JoinSet;

/// The running background tasks.
pub struct Workers(JoinSet<()>);

impl Workers {
    /// Starts all tasks; they run until [`App::shutdown`] is requested.
    ///
    /// # Errors
    /// When the workspace's keys, which sign push messages, cannot be read.
    pub async fn start(app: &Arc<App>) -> Result<Self, Fault> {
        let mut tasks = JoinSet::new();
        // First, so that no value is cached before changes are received.
        tasks.spawn(until_shutdown(app, app.directory.clone().follow_changes()));
        outbox::start(app, &mut tasks).await?;
        tasks.spawn(until_shutdown(app, reread::reread(Arc::clone(app))));
        tasks.spawn(until_shutdown(app, retention::run_hourly(Arc::clone(app))));
        Ok(Self(tasks))
    }

    /// Resolves when every task has finished its current work.
    pub async fn finished(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// Runs `work` and drops it at shutdown.
pub(super) fn until_shutdown(
    app: &App,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let shutdown = app.shutdown.clone();
    async move {
        tokio::select! {
            () = shutdown.requested() => {}
            () = work => {}
        }
    }
}
