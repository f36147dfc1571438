//! `countersign serve`.

use super::{CommandError, RunningServer, listen, opening, print_result};
use crate::{
    app::App,
    cli::{Exit, Serve, start_log},
    clock::SystemClock,
    config::Config,
    entropy::SystemEntropy,
};
use std::sync::Arc;

/// Runs the identity provider until a signal stops it.
///
/// # Errors
/// When it cannot start; later failures are answered or logged.
pub async fn serve(options: Serve) -> Result<(), CommandError> {
    let mut config = Config::load(&options.sources())?;
    let _log = start_log(&config.log_level, config.log_format)
        .map_err(|sentence| CommandError::new(sentence).with(Exit::Configuration))?;
    let listeners = listen(config.listen).await?;
    config.listen = listeners.address();
    let addresses = listeners.to_string();
    let app = App::open(&config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await;
    let server = RunningServer::open(app.map_err(opening)?, &config, listeners).await.map_err(opening)?;
    if let Some(link) = server.app().new_setup_link().await? {
        print_result(&format!(
            "Nobody can sign in yet. This link adds the first person and the first application;\n\
             it works once, within an hour, and a restart prints a new one:\n\n  {link}\n"
        ));
    }
    for origin in server.app().guard.allowed() {
        tracing::warn!(%origin, "outbound requests to this origin are allowed, although it may lie in a private network");
    }
    tracing::info!(addresses, issuer = config.issuer(), "ready");
    Ok(server.run_until_signal().await?)
}
