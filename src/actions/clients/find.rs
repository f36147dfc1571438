//! Reads clients as operators see them.

use crate::{
    app::{App, Tenant},
    directory::Client,
    fault::Fault,
    storage::clients,
};

/// Finds the tenant's client with this `client_id`, including a disabled one.
///
/// # Errors
/// When its settings cannot be read, or the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, client_id: &str) -> Result<Option<Client>, Fault> {
    clients::find(&app.storage, tenant.workspace.id, client_id).await
}

/// Lists the tenant's clients after this `client_id`, in its order, at most `limit`.
///
/// # Errors
/// When the settings of one cannot be read, or the database does not answer.
pub async fn list_page(app: &App, tenant: &Tenant, after: &str, limit: u64) -> Result<Vec<Client>, Fault> {
    clients::list_page(&app.storage, tenant.workspace.id, after, limit).await
}
