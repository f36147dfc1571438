//! The crew: started together, stopped together.

use super::{outbox, reread, retention};
use crate::{app::App, storage::Fault};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Everything that runs beside requests.
pub struct Workers(JoinSet<()>);

impl Workers {
    /// Starts all of them; they work until [`App::closing`] begins.
    ///
    /// # Errors
    /// When the workspace's keys, which sign push messages, cannot be read.
    pub async fn start(app: &Arc<App>) -> Result<Self, Fault> {
        let mut crew = JoinSet::new();
        // First, so that nothing is read before changes are heard of.
        crew.spawn(until_closing(app, app.directory.clone().follow_changes()));
        outbox::start(app, &mut crew).await?;
        crew.spawn(until_closing(app, reread::reread(Arc::clone(app))));
        crew.spawn(until_closing(app, retention::run_hourly(Arc::clone(app))));
        Ok(Self(crew))
    }

    /// Resolves when all have seen to the end what they were doing.
    pub async fn finished(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// `work`, given up when the house closes.
pub(super) fn until_closing(
    app: &App,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let closing = app.closing.clone();
    async move {
        tokio::select! {
            () = closing.begun() => {}
            () = work => {}
        }
    }
}
