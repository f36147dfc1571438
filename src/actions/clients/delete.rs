//! Deletes a client.

use super::{lock::lock, status::disable};
use crate::{
    actions::{Action, ActionError, Right, slices},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    storage::{clients, deletions::Deletion},
};
use ::entity::ids::ClientKey;

/// Deletes a client with everything but the audit events. First disables it and ends its grants, so that nothing new
/// arises; then deletes what belongs to it in slices, and the client last. Interrupted, it leaves a disabled client, and
/// can be repeated.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such client; a fault when the database does not answer.
pub async fn delete(app: &App, context: &RequestContext, client: ClientKey) -> Result<(), ActionError> {
    disable(app, context, client).await?;
    slices::run(app, Deletion::of_client(client)).await?;
    // Later than the event of the disabling, in the order of the log.
    let context = &RequestContext { now: app.now(), ..context.clone() };
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, client).await?;
    clients::delete_client(&action.tx, client).await?;
    action.audit(&AuditEvent::ClientDeleted, about(client)).await?;
    Ok(action.commit().await?)
}
