//! Runs the retention once an hour.

use crate::{
    actions::{ActionError, expiry},
    app::App,
    fault::Fault,
    storage::Topic,
};
use std::sync::Arc;

/// The first run is soon after the start, but does not slow it down.
const FIRST_RUN_AFTER_SECONDS: i64 = 60;
/// Several nodes on one database may all run it: the later ones find nothing to do.
const RUN_EVERY_SECONDS: i64 = 3600;

/// Runs until shutdown, which ends it while it waits and never inside a transaction.
pub(super) async fn run_hourly(app: Arc<App>) {
    let mut pause = FIRST_RUN_AFTER_SECONDS;
    loop {
        tokio::select! {
            () = app.shutdown.requested() => return,
            () = app.clock.sleep_until(app.now().plus_seconds(pause)) => {}
        }
        pause = RUN_EVERY_SECONDS;
        if let Err(fault) = sweep(&app).await {
            tracing::warn!(
                fault = fault.chain(),
                "the clean-up stopped before its end; the next one is in an hour"
            );
        }
        // A command may have queued rows in the same SQLite file; wake the dispatcher.
        app.storage.bus().notify(Topic::Outbox);
    }
}

async fn sweep(app: &App) -> Result<(), Fault> {
    expiry::sweep(app, &app.worker_context().await?).await.map_err(ActionError::into_fault)
}
