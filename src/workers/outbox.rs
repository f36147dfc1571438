//! Starts the outbox dispatcher on the database, and wakes it through the bus.

use super::queue::{CurrentKeys, StorageQueue};
use crate::{
    app::App,
    fault::{Cause, Fault},
    outbox::{Carriers, Dispatcher, Smtp, WebPush},
    storage::{Storage, Topic},
};
use std::sync::Arc;
use tokio::{sync::Notify, task::JoinSet};
use url::Url;

/// Starts the dispatcher and the task that wakes it.
pub(super) async fn start(app: &Arc<App>, tasks: &mut JoinSet<()>) -> Result<(), Fault> {
    let wake = Arc::new(Notify::new());
    let dispatcher = Dispatcher {
        queue: Arc::new(StorageQueue(Arc::clone(app))),
        carriers: carriers(app).await?,
        sealing_key: Arc::clone(&app.sealing),
        clock: Arc::clone(&app.clock),
        wake: Arc::clone(&wake),
    };
    tasks.spawn(app.shutdown.until_requested(forward_wakes(app.storage.clone(), wake)));
    let shutdown = app.shutdown.clone();
    tasks.spawn(async move { dispatcher.run(shutdown.requested()).await });
    Ok(())
}

/// Web Push always; mail if a server is set.
async fn carriers(app: &Arc<App>) -> Result<Carriers, Fault> {
    // A start with keys that cannot be opened fails here, and not at the first message.
    app.prepare().await?;
    let keys = Arc::new(CurrentKeys(Arc::clone(app)));
    let web_push = WebPush::new(Arc::clone(&app.guard), keys, Arc::clone(&app.entropy));
    let carriers = Carriers::default().with(Arc::new(web_push));
    let Some(letters) = &app.letters else {
        tracing::info!("no letters are sent, because smtp_url is not set");
        return Ok(carriers);
    };
    let issuer = Url::parse(app.public_url.as_str()).ok();
    let hello = issuer.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let smtp = Smtp::new(letters, hello)
        .map_err(|error| Fault::because("letters cannot be sent", Cause::of(&error)))?;
    Ok(carriers.with(Arc::new(smtp)))
}

/// Wakes the dispatcher whenever a node has queued a row.
async fn forward_wakes(storage: Storage, wake: Arc<Notify>) {
    let mut queued = storage.bus().wait(Topic::Outbox);
    loop {
        queued.changed().await;
        wake.notify_one();
    }
}
