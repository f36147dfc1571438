//! Replaces a device's key (protocol §9).

use super::{
    action_error::refused,
    device_request::{ActiveOnly, AllowedStates, check_state, key_of},
    enrollments::SignedBody,
    limits::Limits,
    problem::{Code, KeyProblems, Problem},
};
use crate::{
    actions::{
        ActionError, Conflict,
        devices::{self, Authenticator},
        people,
    },
    app::{App, RequestContext},
    audit::Actor,
    factors::push::{
        DeviceKey,
        rotation::{Rotation, RotationOutcome},
    },
    fault::Fault,
    web::problem::Outcome,
};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, payload::Json};
use std::sync::Arc;

/// The operation on a device's key.
pub struct Key;

/// The device's current key.
#[derive(Object)]
struct KeySet {
    /// The key's thumbprint.
    kid: String,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

#[OpenApi]
impl Key {
    /// Replaces the device's key with one that the old key has signed.
    #[oai(path = "/key", method = "post", operation_id = "rotate_key")]
    async fn rotate(
        &self,
        app: Data<&Arc<App>>,
        limits: Data<&Arc<Limits>>,
        context: Data<&RequestContext>,
        body: Json<SignedBody>,
    ) -> Outcome<KeySet, KeyProblems> {
        let rotation = Rotation::parse(&body.0.jws)
            .map_err(|malformed| Problem::new(Code::InvalidRequest, malformed.0))?;
        let kid = rotate(app.0, limits.0, context.0, &rotation).await?;
        Ok(Json(KeySet { kid, server_time: context.now.unix_seconds() }))
    }
}

async fn rotate(
    app: &App,
    limits: &Limits,
    context: &RequestContext,
    rotation: &Rotation,
) -> poem::Result<String> {
    let device = find(app, context, rotation).await?;
    let outcome = rotation.verify(device.as_ref().and_then(key_of).as_ref(), context.tenant.issuer());
    let Some(device) = device.as_ref().filter(|_| outcome != RotationOutcome::Unknown) else {
        // A wrong signature counts only if the request names the device's key: knowing a device's id is not
        // enough to suspend it.
        if let Some(device) = device.filter(|device| device.thumbprint() == Some(rotation.kid())) {
            devices::count_bad_signature(app, context, &device).await.map_err(refused)?;
        }
        let refusal = Problem::new(Code::DeviceUnknown, "no device has proven this key");
        return Err(limits.refuse_unproven(context.rate_limit_prefix(), context.now, refusal).into());
    };
    let person = people::get(app, &context.tenant, device.person_id()).await?;
    check_state(device, &person, ActiveOnly::STATES)?;
    let context = &context.by(Actor::Person(person.id));
    match outcome {
        RotationOutcome::Swap(new) if swap(app, context, device, &new).await? => Ok(new.thumbprint()),
        RotationOutcome::Swap(new) => repeated(app, context, rotation, &new).await,
        RotationOutcome::Repeated => Ok(device.thumbprint().unwrap_or_default().to_owned()),
        RotationOutcome::Malformed(malformed) => Err(Problem::new(Code::InvalidRequest, malformed.0).into()),
        RotationOutcome::Conflict | RotationOutcome::Unknown => Err(conflict().into()),
    }
}

async fn find(
    app: &App,
    context: &RequestContext,
    rotation: &Rotation,
) -> Result<Option<Authenticator>, Fault> {
    match rotation.device() {
        Some(id) => devices::find(app, &context.tenant, id).await,
        None => Ok(None),
    }
}

/// Replaces the key; `false` when the old one is no longer the device's.
async fn swap(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
    new: &DeviceKey,
) -> poem::Result<bool> {
    match devices::replace_key(app, context, device, new).await {
        Err(ActionError::Conflict(Conflict::KeyInUse)) => Err(conflict().into()),
        replaced => replaced.map_err(refused),
    }
}

/// Answers a request that lost against a concurrent one: a repetition of the same rotation succeeds, another
/// is a conflict.
async fn repeated(
    app: &App,
    context: &RequestContext,
    rotation: &Rotation,
    new: &DeviceKey,
) -> poem::Result<String> {
    let device = find(app, context, rotation).await?;
    match rotation.verify(device.as_ref().and_then(key_of).as_ref(), context.tenant.issuer()) {
        RotationOutcome::Repeated => Ok(new.thumbprint()),
        _ => Err(conflict().into()),
    }
}

fn conflict() -> Problem {
    Problem::new(Code::KeyConflict, "the old key is no longer this device's, or the new one is in use")
}
