//! Removes a device for good: the one function for every interface.

use super::{announce::announce_of, message::message_row};
use crate::{
    actions::{Action, ActionError, Right, ending::Ending, enrollment, tickets},
    app::{App, RequestContext},
    audit::{Actor, AuditEvent, Via},
    factors::push::WithdrawalReason,
    fault::Fault,
    limits::lifetimes::REMOVAL_MESSAGE_LIFETIME_SECONDS,
    outbox::{DeviceChange, PushMessage},
    storage::{
        audit::about_device,
        authenticators::{self, Authenticator},
        enrollments::EnrollmentFilter,
        outbox::NewDelivery,
        people,
        transports::{self, Transport},
    },
};
use ::entity::enums::AuthenticatorState;

/// Removes a device of the acting person, with its key, its TOTP seed and its transport. After the last second factor
/// the next first one needs a ticket.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the device's owner; a fault when the database does not
/// answer.
pub async fn remove(app: &App, context: &RequestContext, device: &Authenticator) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    people::lock(&action.tx, device.person_id()).await?;
    revoke(&action, device).await?;
    // One that was never confirmed was no second factor.
    if device.state() != AuthenticatorState::PendingConfirm {
        tickets::require_after_removal(&action, device.person_id()).await?;
    }
    Ok(action.commit().await?)
}

/// Revokes a device, ends what it has given ([`Ending::device`]), and cancels its enrollment.
/// A device that somebody else removes is notified if it is reachable. The caller holds the row of its owner.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn revoke(action: &Action<'_>, device: &Authenticator) -> Result<(), Fault> {
    let (app, tx, context) = (action.app, &action.tx, action.context);
    Ending::of(action).device(device, WithdrawalReason::DeviceRemoved).await?;
    let is_revoked = match last_message(action, device).await? {
        Some(message) => authenticators::revoke_and_notify(tx, device.id(), message, context.now).await?,
        None => authenticators::revoke(tx, device.id(), context.now).await?,
    };
    if is_revoked {
        let event = AuditEvent::DeviceRevoked { by: remover(context) };
        action.audit(&event, about_device(device)).await?;
        if device.was_active() {
            announce_of(action, device, DeviceChange::Removed).await?;
        }
    }
    enrollment::cancel(app, tx, EnrollmentFilter::Device(device.id()), context).await
}

/// Builds the message to a device that learns of its removal by it: one that is reachable and has not removed
/// itself.
async fn last_message(action: &Action<'_>, device: &Authenticator) -> Result<Option<NewDelivery>, Fault> {
    let (app, context) = (action.app, action.context);
    // A device that was never confirmed learns of the end when it polls its enrollment.
    if context.via == Via::Device || device.state() == AuthenticatorState::PendingConfirm {
        return Ok(None);
    }
    if !transports::find(&action.tx, device.id()).await?.as_ref().is_some_and(Transport::is_reachable) {
        return Ok(None);
    }
    let message = PushMessage::removed(&app.addresses.authenticator_url, device.id());
    let expires_at = context.now.plus_seconds(REMOVAL_MESSAGE_LIFETIME_SECONDS);
    message_row(app, context, device.id(), &message, expires_at).map(Some)
}

/// Returns the word of `device.revoked` for the remover.
fn remover(context: &RequestContext) -> &'static str {
    match (context.via, context.actor) {
        (Via::Device, _) => "device",
        (_, Actor::Person(_)) => "person",
        _ => "administrator",
    }
}
