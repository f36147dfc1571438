//! Messages to a device that belong to no sign-in.

use crate::{app::App, clock::Timestamp, fault::Fault, outbox::PushMessage, storage::outbox::OutboxRow};
use ::entity::{
    ids::{AuthenticatorId, OutboxId},
    outbox::OutboxState,
};

/// Builds the outbox row that delivers `message` to `device` until `expires_at`.
///
/// # Errors
/// When the message cannot be written.
pub(super) fn message_row(
    app: &App,
    device: AuthenticatorId,
    message: &PushMessage,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<OutboxRow, Fault> {
    let payload = serde_json::to_value(message)
        .map_err(|error| Fault::because("a push message cannot be written as JSON", error))?;
    Ok(OutboxRow {
        id: OutboxId(app.entropy.id(now)),
        authenticator_id: Some(device),
        challenge_id: None,
        payload,
        state: OutboxState::Queued,
        attempts: 0,
        not_before: now,
        lease_until: None,
        expires_at,
        created_at: now,
        last_error: None,
    })
}
