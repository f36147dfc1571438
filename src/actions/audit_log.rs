//! Reads the audit log, page by page.

use crate::{
    app::{App, Tenant},
    clock::Timestamp,
    fault::Fault,
    storage::audit,
};
use ::entity::ids::AuditEventId;

pub use crate::storage::audit::{AuditFilter, AuditOrder, AuditRow};

/// Lists a page of the tenant's events beyond the event `after`, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_page(
    app: &App,
    tenant: &Tenant,
    filter: &AuditFilter,
    order: AuditOrder,
    (after, limit): (Option<(Timestamp, AuditEventId)>, u64),
) -> Result<Vec<AuditRow>, Fault> {
    audit::list_page(&app.storage, tenant.workspace.id, filter, order, (after, limit)).await
}

/// Finds the time of the tenant's event with this id, from which a page goes on.
///
/// # Errors
/// When the database does not answer.
pub async fn find_time(app: &App, tenant: &Tenant, id: AuditEventId) -> Result<Option<Timestamp>, Fault> {
    audit::find_time(&app.storage, tenant.workspace.id, id).await
}
