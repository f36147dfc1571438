//! `countersign migrate`.

use super::{CommandError, opened::say_database, opening, print_notice, print_result};
use crate::{app::App, cli::Common, config::Config};

/// Brings the database's schema up to date, regardless of the setting `migrate`. Creates a database where there is none.
///
/// # Errors
/// When the database cannot be used, or a server runs on the same SQLite file and the schema is old.
pub async fn migrate(options: Common) -> Result<(), CommandError> {
    let config = Config::load(&options.sources())?;
    let storage = App::migrate(&config).await.map_err(opening)?;
    let has_started = App::has_started(&storage).await?;
    storage.close().await?;
    say_database(&config);
    print_result("The database's schema is up to date.");
    if !has_started {
        print_notice(
            "no server has started on it yet: start `countersign serve` once, which makes the workspace and the \
             encryption key; until then other commands are refused",
        );
    }
    Ok(())
}
