//! The running server: its listeners and its background tasks, from the first request to an orderly shutdown.

use crate::{
    app::App,
    config::Config,
    fault::Fault,
    http::server::{self, Listeners, ServerSettings},
    limits::lifetimes::MAX_SHUTDOWN_SECONDS,
    routes::application,
    workers::Workers,
};
use std::sync::Arc;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

/// A server that accepts requests.
pub struct RunningServer {
    app: Arc<App>,
    server: JoinHandle<()>,
    workers: Workers,
    signals: StopSignals,
}

impl RunningServer {
    /// Starts to accept requests at `listeners` and starts the background tasks. Once this function returns,
    /// a signal to stop ends the process in order, so the caller may announce the server.
    ///
    /// # Errors
    /// When the workspace's keys cannot be read, or signal handlers cannot be installed.
    pub async fn open(app: App, config: &Config, listeners: Listeners) -> Result<Self, Fault> {
        let signals = StopSignals::install()?;
        let app = Arc::new(app);
        let workers = Workers::start(&app).await?;
        app.prepare().await?;
        app.remember_issuer().await?;
        let endpoint = application(Arc::clone(&app), config);
        let (shutdown, clock, entropy) =
            (app.shutdown.clone(), Arc::clone(&app.clock), Arc::clone(&app.entropy));
        let settings = ServerSettings::of(config);
        let server = tokio::spawn(async move {
            server::serve(listeners, endpoint, settings, clock, entropy, shutdown.requested()).await;
        });
        Ok(Self { app, server, workers, signals })
    }

    /// Returns the services that requests and tasks share.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Runs until SIGTERM or SIGINT, then waits for requests and tasks in progress, at most
    /// [`MAX_SHUTDOWN_SECONDS`]. A second signal skips the grace period.
    ///
    /// # Errors
    /// When the database cannot be closed.
    pub async fn run_until_signal(mut self) -> Result<(), Fault> {
        self.signals.received().await;
        tracing::info!("shutting down");
        self.app.shutdown.request();
        let deadline = self.app.now().plus_seconds(MAX_SHUTDOWN_SECONDS);
        let (clock, storage) = (Arc::clone(&self.app.clock), self.app.storage.clone());
        let finished = async {
            let _ = self.server.await;
            self.workers.finished().await;
            storage.close().await
        };
        tokio::select! {
            closed = finished => closed,
            () = clock.sleep_until(deadline) => Ok(()),
            () = self.signals.received() => Ok(()),
        }
    }
}

/// The signals that ask the process to stop: SIGTERM and SIGINT.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Replaces the default action, which ends the process immediately.
    fn install() -> Result<Self, Fault> {
        let install =
            |kind| signal(kind).map_err(|error| Fault::because("cannot install signal handlers", error));
        Ok(Self {
            terminate: install(SignalKind::terminate())?,
            interrupt: install(SignalKind::interrupt())?,
        })
    }

    /// Resolves at the next signal.
    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
