//! Reads pools by their name.

use crate::{
    app::{App, Tenant},
    directory::Pool,
    fault::Fault,
    storage::pools,
};

/// Finds the tenant's pool with this slug.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, slug: &str) -> Result<Option<Pool>, Fault> {
    pools::find_by_slug(&app.storage, tenant.workspace.id, slug).await
}
