//! Tells a person that a device was added or removed, or that its key was replaced, by their other devices and by
//! letter: a stranger who does one of these is noticed. A key is replaced every now and then without the person, so no
//! letter tells of that.

use super::message::message_row;
use crate::{
    actions::{Action, letters},
    app::{App, RequestContext},
    fault::Fault,
    limits::lifetimes::DEVICE_NOTICE_LIFETIME_SECONDS,
    outbox::{DeviceChange, DeviceFacts, Letter, PushMessage},
    storage::{
        Transaction,
        authenticators::{self, Authenticator},
        outbox,
        transports::{self, Transport},
    },
};
use ::entity::ids::{AuthenticatorId, PersonId};

/// Queues a message to each active and reachable phone of the person but `changed`, and a letter.
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
        outbox::queue(tx, message_row(app, context, device.id(), &message, expires_at)?).await?;
    }
    match changed {
        Some(changed) => write_letter((app, tx, context), person, changed, change).await,
        None => Ok(()),
    }
}

async fn write_letter(
    (app, tx, context): (&App, &Transaction, &RequestContext),
    person: PersonId,
    changed: AuthenticatorId,
    change: DeviceChange,
) -> Result<(), Fault> {
    let letter = match change {
        DeviceChange::Added => Letter::DeviceAdded,
        DeviceChange::Removed => Letter::DeviceRemoved,
        DeviceChange::KeyReplaced => return Ok(()),
    };
    let Some(device) = authenticators::find(tx, changed).await? else { return Ok(()) };
    let facts = DeviceFacts {
        server: context.tenant.workspace.display_name.clone(),
        url: context.tenant.issuer().to_owned(),
        device: device.name().to_owned(),
        at: context.now,
    };
    letters::queue((app, tx, context), person, letter(facts)).await
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
