//! `countersign migrate`.

use super::{CommandError, opened::say_database, opening, print_result};
use crate::{app::App, cli::Common, config::Config};

/// Brings the database's schema up to date, regardless of the setting `migrate`. Creates a database where there is none.
///
/// # Errors
/// When the database cannot be used, or a server runs on the same SQLite file and the schema is old.
pub async fn migrate(options: Common) -> Result<(), CommandError> {
    let config = Config::load(&options.sources())?;
    App::migrate(&config).await.map_err(opening)?.close().await?;
    say_database(&config);
    print_result("The database's schema is up to date.");
    Ok(())
}
