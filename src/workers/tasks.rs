//! Starts and stops the background tasks together.

use super::{outbox, reread, retention};
use crate::{app::App, fault::Fault};
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
        outbox::start(app, &mut tasks).await?;
        tasks.spawn(app.shutdown.until_requested(reread::reread(Arc::clone(app))));
        tasks.spawn(retention::run_hourly(Arc::clone(app)));
        Ok(Self(tasks))
    }

    /// Resolves when every task has finished its current work.
    pub async fn finished(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}
