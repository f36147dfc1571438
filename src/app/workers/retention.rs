//! Notes and forgets, once an hour, what has had its time.

use crate::{app::App, storage::Topic};
use std::sync::Arc;

/// The first time soon after a start, but not in its way.
const FIRST_RUN_AFTER_SECONDS: i64 = 60;
/// Then every hour. Several nodes on one database do no harm: who comes second finds nothing.
const RUN_EVERY_SECONDS: i64 = 3600;

/// Runs for as long as the house stands.
pub(super) async fn run_hourly(app: Arc<App>) {
    let mut pause = FIRST_RUN_AFTER_SECONDS;
    loop {
        app.clock.sleep_until(app.now().plus_seconds(pause)).await;
        pause = RUN_EVERY_SECONDS;
        if let Err(fault) = app.sweep().await {
            tracing::warn!(
                fault = fault.chain(),
                "what is over could not be noted and deleted; tried again in an hour"
            );
        }
        // What a verb beside this server queued in the same file, this process has not heard of.
        app.storage.bus().notify(Topic::Outbox);
    }
}
