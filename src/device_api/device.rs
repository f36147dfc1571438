//! Reads, changes and removes a device (protocol §6).

use super::{
    action_error::refused,
    device_request::{AllowedStates, DeviceRequest, IncludingPending, IncludingSuspended, state_of},
    policy::Policy,
    problem::{ChangeProblems, ReadProblems, RemoveProblems},
    transport::TransportStatus,
    uv_credential::UvCredentialId,
    words::DeviceState,
};
use crate::{
    actions::devices,
    app::App,
    fault::Fault,
    web::problem::{Outcome, ProblemResponse},
};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};
use std::sync::Arc;

/// The operations of a device on itself.
pub struct Device;

/// The state of a device.
#[derive(Object)]
struct DeviceStatus {
    /// `dev_…`
    device_id: String,
    /// `pending_confirm`, `active` or `suspended`.
    state: DeviceState,
    name: String,
    issuer: String,
    display_name: String,
    /// The account's username.
    account: String,
    policy: Policy,
    transport: TransportStatus,
    /// The `applicationServerKey` for a new push subscription.
    vapid_public_key: String,
    /// The key's id.
    vapid_kid: String,
    /// Null when the device has none.
    #[oai(nullable)]
    uv_credential: Option<UvCredentialId>,
    persisted: bool,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// The changes that a device requests.
#[derive(Object)]
struct DeviceChange {
    name: Option<String>,
    persisted: Option<bool>,
}

/// The response to a removal.
#[derive(ApiResponse)]
enum Removed {
    /// The device is removed.
    #[oai(status = 204)]
    Removed,
}

#[OpenApi]
impl Device {
    /// Returns the device's state and transport.
    #[oai(path = "/self", method = "get", operation_id = "get_self")]
    async fn get(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<IncludingSuspended>,
    ) -> Outcome<DeviceStatus, ReadProblems> {
        Ok(Json(status(app.0, &request).await?))
    }

    /// Renames the device, or reports whether its storage is persistent.
    #[oai(path = "/self", method = "patch", operation_id = "change_self")]
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<IncludingPending>,
        body: Json<DeviceChange>,
    ) -> Outcome<DeviceStatus, ChangeProblems> {
        let DeviceChange { name, persisted } = body.0;
        let wanted = devices::Change { name, persisted };
        let mut request = request;
        let changed = devices::change(app.0, &request.context, &request.device, wanted).await;
        request.device = changed.map_err(refused)?;
        Ok(Json(status(app.0, &request).await?))
    }

    /// Removes the device with its key, its TOTP seed and its transport.
    #[oai(path = "/self", method = "delete", operation_id = "delete_self")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<IncludingSuspended>,
    ) -> Result<Removed, ProblemResponse<RemoveProblems>> {
        devices::remove(app.0, &request.context, &request.device).await.map_err(refused)?;
        Ok(Removed::Removed)
    }
}

async fn status<S: AllowedStates>(app: &App, request: &DeviceRequest<S>) -> Result<DeviceStatus, Fault> {
    let DeviceRequest { device, person, context, .. } = request;
    let tenant = &context.tenant;
    let keys = tenant.keys().await?;
    let vapid = keys.vapid.current();
    Ok(DeviceStatus {
        device_id: device.id().to_string(),
        state: state_of(device, person).into(),
        name: device.name().to_owned(),
        issuer: tenant.issuer().to_owned(),
        display_name: tenant.workspace.display_name.clone(),
        account: person.username.clone(),
        policy: Policy::of(tenant.directory.pool(person.pool_id).await?.as_ref()),
        transport: TransportStatus::of_device(app, device).await?,
        vapid_public_key: vapid.public_key().to_owned(),
        vapid_kid: vapid.kid().to_owned(),
        uv_credential: UvCredentialId::of(device)?,
        persisted: device.persisted().unwrap_or_default(),
        server_time: context.now.unix_seconds(),
    })
}
