//! Messages to a device that belong to no sign-in.

use crate::{
    app::{App, RequestContext},
    clock::Timestamp,
    fault::Fault,
    outbox::PushMessage,
    storage::outbox::{NewDelivery, Recipient},
};
use ::entity::ids::{AuthenticatorId, OutboxId};

/// Builds the delivery of `message` to `device` until `expires_at`.
///
/// # Errors
/// When the message cannot be written.
pub(super) fn message_row(
    app: &App,
    context: &RequestContext,
    device: AuthenticatorId,
    message: &PushMessage,
    expires_at: Timestamp,
) -> Result<NewDelivery, Fault> {
    let payload = serde_json::to_value(message)
        .map_err(|error| Fault::because("a push message cannot be written as JSON", error))?;
    Ok(NewDelivery {
        id: OutboxId(app.entropy.id(context.now)),
        workspace: context.tenant.workspace.id,
        recipient: Recipient::Device(device),
        challenge: None,
        payload,
        expires_at,
        created_at: context.now,
    })
}
