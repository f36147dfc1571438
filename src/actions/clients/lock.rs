//! Locks the client of a use case.

use crate::{
    actions::{Action, ActionError},
    directory::Client,
    storage::clients,
};
use ::entity::ids::ClientKey;

/// Locks the row of the tenant's client with this key, for a change in this transaction.
pub(super) async fn lock(action: &Action<'_>, key: ClientKey) -> Result<Client, ActionError> {
    let found = clients::lock(&action.tx, key).await?;
    let own = found.filter(|client| client.workspace_id == action.context.tenant.workspace.id);
    own.ok_or(ActionError::NotFound)
}
