//! The outbox's worker, with the database as its ledger and the bus as its bell.

use super::{crew::until_closing, ledger::StorageLedger};
use crate::{
    app::App,
    outbox::{WebPush, Worker},
    storage::{Fault, Storage, Topic},
};
use std::sync::Arc;
use tokio::{sync::Notify, task::JoinSet};

/// Starts the worker and what nudges it.
pub(super) async fn start(app: &Arc<App>, crew: &mut JoinSet<()>) -> Result<(), Fault> {
    let nudge = Arc::new(Notify::new());
    let vapid = app.directory.keys().await?.vapid.clone();
    let worker = Worker {
        ledger: Arc::new(StorageLedger(app.storage.clone())),
        carrier: Arc::new(WebPush::new(Arc::clone(&app.guard), vapid, Arc::clone(&app.entropy))),
        sealing_key: Arc::clone(&app.sealing),
        clock: Arc::clone(&app.clock),
        nudge: Arc::clone(&nudge),
    };
    crew.spawn(until_closing(app, ring(app.storage.clone(), nudge)));
    let closing = app.closing.clone();
    crew.spawn(async move { worker.run(closing.begun()).await });
    Ok(())
}

/// Nudges the worker whenever any node has queued something.
async fn ring(storage: Storage, nudge: Arc<Notify>) {
    let mut queued = storage.bus().wait(Topic::Outbox);
    loop {
        queued.changed().await;
        nudge.notify_one();
    }
}
