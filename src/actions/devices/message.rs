//! Messages to a device that belong to no sign-in.

use crate::{app::App, clock::Timestamp, fault::Fault, outbox::PushMessage, storage::outbox::NewDelivery};
use ::entity::ids::{AuthenticatorId, OutboxId};

/// Builds the delivery of `message` to `device` until `expires_at`.
///
/// # Errors
/// When the message cannot be written.
pub(super) fn message_row(
    app: &App,
    device: AuthenticatorId,
    message: &PushMessage,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<NewDelivery, Fault> {
    let payload = serde_json::to_value(message)
        .map_err(|error| Fault::because("a push message cannot be written as JSON", error))?;
    let id = OutboxId(app.entropy.id(now));
    Ok(NewDelivery { id, device, challenge: None, payload, expires_at, created_at: now })
}
