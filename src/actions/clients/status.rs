//! Disables and enables a client.

use super::{
    ending::{Ending, end_grants},
    lock::lock,
};
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    storage::clients,
};
use ::entity::ids::ClientKey;

/// Disables a client, so that every endpoint refuses it at once, and ends all of its grants. `false` when it was disabled
/// before; an ending that was interrupted then is finished.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such client; a fault when the database does not answer.
pub async fn disable(app: &App, context: &RequestContext, client: ClientKey) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let is_new = !lock(&action, client).await?.is_disabled;
    if is_new {
        clients::save_disabled(&action.tx, client, Some(context.now)).await?;
        action.audit(&AuditEvent::ClientDisabled, about(client)).await?;
    }
    action.commit().await?;
    end_grants(app, context, client, Ending::All).await?;
    Ok(is_new)
}

/// Enables a client. Nothing that had ended comes back. `false` when it was enabled before.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such client; a fault when the database does not answer.
pub async fn enable(app: &App, context: &RequestContext, client: ClientKey) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    if !lock(&action, client).await?.is_disabled {
        return Ok(false);
    }
    drop(action);
    // An ending that was interrupted is finished first: no grant comes back.
    end_grants(app, context, client, Ending::All).await?;
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, client).await?;
    clients::save_disabled(&action.tx, client, None).await?;
    action.audit(&AuditEvent::ClientEnabled, about(client)).await?;
    action.commit().await?;
    Ok(true)
}
