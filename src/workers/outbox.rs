//! Starts the outbox dispatcher on the database, and wakes it through the bus.

use super::queue::StorageQueue;
use crate::{
    app::App,
    fault::Fault,
    outbox::{Dispatcher, WebPush},
    storage::{Storage, Topic},
};
use std::sync::Arc;
use tokio::{sync::Notify, task::JoinSet};

/// Starts the dispatcher and the task that wakes it.
pub(super) async fn start(app: &Arc<App>, tasks: &mut JoinSet<()>) -> Result<(), Fault> {
    let wake = Arc::new(Notify::new());
    let vapid = app.directory.root().await?.keys().await?.vapid.clone();
    let dispatcher = Dispatcher {
        queue: Arc::new(StorageQueue(app.storage.clone())),
        carrier: Arc::new(WebPush::new(Arc::clone(&app.guard), vapid, Arc::clone(&app.entropy))),
        sealing_key: Arc::clone(&app.sealing),
        clock: Arc::clone(&app.clock),
        wake: Arc::clone(&wake),
    };
    tasks.spawn(app.shutdown.until_requested(forward_wakes(app.storage.clone(), wake)));
    let shutdown = app.shutdown.clone();
    tasks.spawn(async move { dispatcher.run(shutdown.requested()).await });
    Ok(())
}

/// Wakes the dispatcher whenever a node has queued a row.
async fn forward_wakes(storage: Storage, wake: Arc<Notify>) {
    let mut queued = storage.bus().wait(Topic::Outbox);
    loop {
        queued.changed().await;
        wake.notify_one();
    }
}
