//! Messages to a device that belong to no sign-in: a test message, and the notice of its removal.

use super::App;
use crate::{
    clock::Timestamp,
    limits::lifetimes::REMOVAL_MESSAGE_LIFETIME_SECONDS,
    outbox::PushMessage,
    storage::{Fault, Transaction, authenticators, outbox::OutboxRow, transports},
};
use ::entity::{
    authenticator::AuthenticatorState,
    ids::{AuthenticatorId, OutboxId, PersonId},
    outbox::OutboxState,
};

impl App {
    /// Builds the outbox row that delivers `message` to `device` until `expires_at`.
    ///
    /// # Errors
    /// When the message cannot be written.
    pub fn notice(
        &self,
        device: AuthenticatorId,
        message: &PushMessage,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<OutboxRow, Fault> {
        let payload = serde_json::to_value(message)
            .map_err(|error| Fault::because("a push message cannot be written as JSON", error))?;
        Ok(OutboxRow {
            id: OutboxId(self.entropy.id(now)),
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

    /// Revokes every authenticator of a person, notifies each device that is reachable, and returns their
    /// number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove_devices(
        &self,
        tx: &Transaction,
        person: PersonId,
        now: Timestamp,
    ) -> Result<usize, Fault> {
        let devices = authenticators::list_not_revoked(tx, person).await?;
        for device in &devices {
            let transport = transports::find(tx, device.id).await?;
            // A device that was never confirmed learns of the end when it polls its enrollment.
            let is_enrolled = device.state != AuthenticatorState::PendingConfirm;
            if is_enrolled && transport.as_ref().is_some_and(transports::is_reachable) {
                let message = PushMessage::removed(&self.addresses.authenticator_url, device.id);
                let row = self.notice(
                    device.id,
                    &message,
                    now.plus_seconds(REMOVAL_MESSAGE_LIFETIME_SECONDS),
                    now,
                )?;
                authenticators::revoke_and_notify(tx, device.id, row, now).await?;
            } else {
                authenticators::revoke(tx, device.id, now).await?;
            }
        }
        Ok(devices.len())
    }
}
