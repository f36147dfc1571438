//! Reads devices.

use crate::{
    app::{App, Tenant},
    fault::Fault,
    storage::{authenticators, transports},
};
use ::entity::ids::AuthenticatorId;

pub use crate::storage::{
    authenticators::{Authenticator, NewDevice},
    transports::{NewAddress, NewTransport, Transport},
};

/// Finds the tenant's device with this id, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, id: AuthenticatorId) -> Result<Option<Authenticator>, Fault> {
    Ok(authenticators::find(&app.storage, id).await?.filter(|device| is_of(device, tenant)))
}

/// Finds the tenant's device whose key has this thumbprint (RFC 7638), whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_key(
    app: &App,
    tenant: &Tenant,
    thumbprint: &str,
) -> Result<Option<Authenticator>, Fault> {
    let found = authenticators::find_by_thumbprint(&app.storage, thumbprint).await?;
    Ok(found.filter(|device| is_of(device, tenant)))
}

/// Returns whether a device of any tenant has the key with this thumbprint: a key belongs to one device.
///
/// # Errors
/// When the database does not answer.
pub async fn is_key_enrolled(app: &App, thumbprint: &str) -> Result<bool, Fault> {
    Ok(authenticators::find_by_thumbprint(&app.storage, thumbprint).await?.is_some())
}

/// Finds the transport of a device; `None` when it never set one.
///
/// # Errors
/// When the database does not answer.
pub async fn find_transport(app: &App, device: &Authenticator) -> Result<Option<Transport>, Fault> {
    transports::find(&app.storage, device.id()).await
}

fn is_of(device: &Authenticator, tenant: &Tenant) -> bool {
    device.workspace_id() == tenant.workspace.id
}
