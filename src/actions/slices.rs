//! Runs long work in slices: each is a transaction of its own, and other transactions run between two of them.

use crate::{
    app::App,
    clock::Timestamp,
    fault::Fault,
    storage::{deletions::Deletion, retention::Progress},
};

/// Pause after each full slice, for other transactions: about as long as a slice takes.
const PAUSE_MILLISECONDS: i64 = 10;

/// Runs a deletion to its end.
///
/// # Errors
/// When the database does not answer: finished slices stay committed.
pub(super) async fn run(app: &App, mut deletion: Deletion) -> Result<(), Fault> {
    while deletion.run(&app.storage).await? == Progress::MoreIsLeft {
        pause(app).await;
    }
    Ok(())
}

/// Lets other transactions run.
pub(super) async fn pause(app: &App) {
    let end = Timestamp(app.now().0.saturating_add(PAUSE_MILLISECONDS));
    app.clock.sleep_until(end).await;
}
