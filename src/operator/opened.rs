//! Opens the database for one command, and says which one it is.

use super::{CommandError, opening, print_notice};
use crate::{
    actions::pools,
    app::{App, RequestContext},
    cli::{Common, Exit},
    clock::SystemClock,
    config::{Config, DatabaseUrl},
    directory::Pool,
    entropy::SystemEntropy,
};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// The application without listeners and background tasks, and the context of one command.
pub(super) struct Opened {
    /// The application.
    pub app: App,
    /// The context: the host acts, in the workspace of the command.
    pub context: RequestContext,
}

impl Opened {
    /// Opens the existing database that the options name, in this workspace. Says on stderr which database it is.
    pub(super) async fn open(options: &Common, workspace: &str) -> Result<Self, CommandError> {
        let config = Config::load(&options.sources())?;
        let app = App::open_existing(&config, Arc::new(SystemClock), Arc::new(SystemEntropy));
        let app = app.await.map_err(opening)?;
        say_database(&config);
        let unknown = || CommandError::new(format!("--workspace: there is no workspace named `{workspace}`"));
        let tenant = app.directory.with_slug(workspace).await?.ok_or_else(unknown)?;
        let context = app.command_context_of(tenant);
        Ok(Self { app, context })
    }

    /// Returns the pool that the option `--pool` names.
    pub(super) async fn pool(&self, name: &str) -> Result<Pool, CommandError> {
        let found = pools::find(&self.app, &self.context.tenant, name).await?;
        found.ok_or_else(|| CommandError::new(format!("--pool: there is no pool named `{name}`")))
    }
}

/// Says on stderr which database a command uses; stdout is for its result alone.
pub(super) fn say_database(config: &Config) {
    if let Ok(database) = DatabaseUrl::parse(config.database_url().expose_secret()) {
        print_notice(&format!("database: {}", database.described()));
    }
}

/// The error of an option or argument that cannot be used.
pub(super) fn usage(sentence: impl Into<String>) -> CommandError {
    CommandError::new(sentence).with(Exit::Usage)
}
