//! The house while it is open: its server and its workers, from the first request to an orderly end.

use crate::{
    app::{App, Workers},
    config::Config,
    http::server::{self, Listeners, ServerSettings},
    routes::application,
    storage::Fault,
};
use std::sync::Arc;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

/// After this, what is not done is left: a service manager would kill us soon anyway.
const MAX_SHUTDOWN_SECONDS: i64 = 10;

/// A house that answers.
pub struct RunningServer {
    app: Arc<App>,
    server: JoinHandle<()>,
    workers: Workers,
}

impl RunningServer {
    /// Starts to answer at `listeners`, and to work beside it.
    ///
    /// # Errors
    /// When the workspace's keys cannot be read.
    pub async fn open(app: App, config: &Config, listeners: Listeners) -> Result<Self, Fault> {
        let app = Arc::new(app);
        let workers = Workers::start(&app).await?;
        app.prepare().await?;
        app.remember_issuer().await?;
        let endpoint = application(Arc::clone(&app), config);
        let (shutdown, clock) = (app.shutdown.clone(), Arc::clone(&app.clock));
        let settings = ServerSettings::of(config);
        let server = tokio::spawn(async move {
            server::serve(listeners, endpoint, settings, clock, shutdown.requested()).await;
        });
        Ok(Self { app, server, workers })
    }

    /// What is wired.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Stays open until the system says stop (SIGTERM, SIGINT), then lets everyone finish, but not for long. Who says
    /// it twice does not want to wait.
    ///
    /// # Errors
    /// When signals cannot be heard.
    pub async fn run_until_signal(self) -> Result<(), Fault> {
        let deaf = |error| Fault::because("signals cannot be heard", error);
        let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
        stop_signal(&mut terminate, &mut interrupt).await;
        tracing::info!("closing");
        self.app.shutdown.request();
        let last_minute = self.app.now().plus_seconds(MAX_SHUTDOWN_SECONDS);
        let (clock, storage) = (Arc::clone(&self.app.clock), self.app.storage.clone());
        let everyone_done = async {
            let _ = self.server.await;
            self.workers.finished().await;
            storage.close().await
        };
        tokio::select! {
            closed = everyone_done => closed,
            () = clock.sleep_until(last_minute) => Ok(()),
            () = stop_signal(&mut terminate, &mut interrupt) => Ok(()),
        }
    }
}

async fn stop_signal(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
