//! Tells a person's other devices that one was added or removed, or that its key was replaced: a stranger who does
//! one of these is noticed.

use super::message::message_row;
use crate::{
    actions::Action,
    app::{App, RequestContext},
    fault::Fault,
    limits::lifetimes::DEVICE_NOTICE_LIFETIME_SECONDS,
    outbox::{DeviceChange, PushMessage},
    storage::{
        Transaction,
        authenticators::{self, Authenticator},
        outbox,
        transports::{self, Transport},
    },
};
use ::entity::ids::{AuthenticatorId, PersonId};

/// Queues a message to each active and reachable phone of the person but `changed`.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn announce(
    (app, tx, context): (&App, &Transaction, &RequestContext),
    person: PersonId,
    changed: Option<AuthenticatorId>,
    change: DeviceChange,
) -> Result<(), Fault> {
    let expires_at = context.now.plus_seconds(DEVICE_NOTICE_LIFETIME_SECONDS);
    for device in authenticators::list_active(tx, person).await? {
        if Some(device.id()) == changed || !device.is_phone() {
            continue;
        }
        if !transports::find(tx, device.id()).await?.as_ref().is_some_and(Transport::is_reachable) {
            continue;
        }
        let message = PushMessage::device_change(&app.addresses.authenticator_url, device.id(), change);
        outbox::queue(tx, message_row(app, device.id(), &message, expires_at, context.now)?).await?;
    }
    Ok(())
}

/// The same for a change of `device`.
pub(super) async fn announce_of(
    action: &Action<'_>,
    device: &Authenticator,
    change: DeviceChange,
) -> Result<(), Fault> {
    let parts = (action.app, &action.tx, action.context);
    announce(parts, device.person_id(), Some(device.id()), change).await
}
