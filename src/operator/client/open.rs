//! Opens the database for a command about one client.

use crate::{
    actions::clients,
    cli::WhichClient,
    directory::Client,
    operator::{CommandError, opened::Opened},
};
use ::entity::ids::PoolId;

/// The open database, with the client of a command.
pub(super) async fn open(which: &WhichClient) -> Result<(Opened, Client), CommandError> {
    let opened = Opened::open(&which.common, &which.workspace).await?;
    let found = clients::find(&opened.app, &opened.context.tenant, &which.client_id).await?;
    let client = found.ok_or_else(|| {
        CommandError::new(format!("there is no application with the client id {}", which.client_id))
    })?;
    Ok((opened, client))
}

/// Finds the pools that the option `--pool` names.
pub(super) async fn pools_of(opened: &Opened, names: &[String]) -> Result<Vec<PoolId>, CommandError> {
    let mut found = Vec::new();
    for name in names {
        let id = opened.pool(name).await?.id;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}
