//! Replaces what a device proves itself with.

use super::announce::announce_of;
use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::{DeviceKey, user_verification::UvCredential},
    fault::Fault,
    outbox::DeviceChange,
    storage::{
        audit::about_device,
        authenticators::{self, Authenticator},
    },
};

/// Replaces the key of `device` by `new`, which the old key has signed; `false` when the old one is no longer
/// the device's.
///
/// # Errors
/// [`Conflict::KeyInUse`] when another device has the new key; [`ActionError::Forbidden`] for another actor
/// than the device's owner; a fault when the database does not answer.
pub async fn replace_key(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
    new: &DeviceKey,
) -> Result<bool, ActionError> {
    let (old, new_thumbprint) = (device.thumbprint().unwrap_or_default(), new.thumbprint());
    let jwk = serde_json::to_value(new).map_err(|error| Fault::because("authenticator.jwk", error))?;
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    match authenticators::find_by_thumbprint(&action.tx, &new_thumbprint).await? {
        Some(owner) if owner.id() == device.id() => return Ok(false),
        Some(_) => return Err(ActionError::Conflict(Conflict::KeyInUse)),
        None => {}
    }
    let new = (new_thumbprint.as_str(), jwk);
    if !authenticators::replace_key(&action.tx, device.id(), old, new, context.now).await? {
        return Ok(false);
    }
    action.audit(&AuditEvent::DeviceKeyRotated, about_device(device)).await?;
    announce_of(&action, device, DeviceChange::KeyReplaced).await?;
    action.commit().await?;
    Ok(true)
}

/// Stores the first credential for user verification of `device`.
///
/// # Errors
/// [`Conflict::CredentialExists`]; [`ActionError::Forbidden`] for another actor than the device's owner; a
/// fault when the database does not answer.
pub async fn add_uv_credential(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
    credential: &UvCredential,
) -> Result<(), ActionError> {
    let column = serde_json::to_value(credential);
    let column = column.map_err(|error| Fault::because("authenticator.uv_credential", error))?;
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    if !authenticators::add_uv_credential(&action.tx, device.id(), column).await? {
        return Err(ActionError::Conflict(Conflict::CredentialExists));
    }
    Ok(action.commit().await?)
}
