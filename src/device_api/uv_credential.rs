//! Adds a user-verification credential to a device after enrollment (protocol §8).

use super::{
    action_error::refused,
    device_request::{ActiveOnly, DeviceRequest},
    problem::{Code, CredentialProblems, Problem},
    transport::NoMembers,
};
use crate::{
    actions::{
        ActionError, Conflict,
        devices::{self, Authenticator},
        enrollment::verifier,
    },
    app::{App, Tenant},
    clock::Timestamp,
    factors::push::user_verification::{self, UserVerifier},
    fault::Fault,
    limits::lifetimes::CEREMONY_LIFETIME_SECONDS,
    web::problem::Outcome,
};
use ::entity::ids::AuthenticatorId;
use poem::web::Data;
use poem_openapi::{Object, OpenApi, payload::Json, types::Any};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// The operations on a device's credential.
pub struct UvCredential;

/// The credential's id.
#[derive(Object)]
pub struct UvCredentialId {
    id: String,
}

impl UvCredentialId {
    /// Returns the id of the device's credential, if it has one.
    pub fn of(device: &Authenticator) -> Result<Option<Self>, Fault> {
        Ok(credential_of(device)?.map(|credential| Self { id: credential.id() }))
    }
}

/// The options for a new credential.
#[derive(Object)]
struct CredentialOptions {
    /// `PublicKeyCredentialCreationOptionsJSON`.
    webauthn: Any<Value>,
    /// An opaque value to send back with the credential.
    ceremony: String,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// A new credential.
#[derive(Object)]
struct NewCredential {
    /// The `ceremony` of the options.
    ceremony: String,
    /// `RegistrationResponseJSON`.
    uv: Any<Value>,
}

/// The device's credential.
#[derive(Object)]
struct CredentialSet {
    uv_credential: UvCredentialId,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

#[OpenApi]
impl UvCredential {
    /// Returns creation options for a device without a credential.
    #[oai(path = "/uv-credential/options", method = "post", operation_id = "begin_uv_credential")]
    async fn options(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<ActiveOnly>,
        _body: Json<NoMembers>,
    ) -> Outcome<CredentialOptions, CredentialProblems> {
        Ok(Json(begin(app.0, &request).await?))
    }

    /// Stores the credential that the device has created.
    #[oai(path = "/uv-credential", method = "put", operation_id = "set_uv_credential")]
    async fn set(
        &self,
        app: Data<&Arc<App>>,
        request: DeviceRequest<ActiveOnly>,
        body: Json<NewCredential>,
    ) -> Outcome<CredentialSet, CredentialProblems> {
        Ok(Json(finish(app.0, &request, &body.0).await?))
    }
}

/// Parses a device's stored credential.
pub fn credential_of(device: &Authenticator) -> Result<Option<user_verification::UvCredential>, Fault> {
    let column = device.uv_credential();
    column.map(user_verification::UvCredential::deserialize).transpose().map_err(|error| {
        Fault::because(format!("authenticator.uv_credential of {} cannot be parsed", device.id()), error)
    })
}

async fn begin(app: &App, request: &DeviceRequest<ActiveOnly>) -> poem::Result<CredentialOptions> {
    let (device, now) = (&request.device, request.context.now);
    if device.uv_credential().is_some() {
        return Err(exists());
    }
    let begun = needed_verifier(app, &request.context.tenant)?
        .begin_registration(&request.person.username, app.entropy.as_ref())
        .map_err(|_| Fault::broken("cannot begin a WebAuthn registration"))?;
    let sealed = serde_json::json!([begun.ceremony, now.plus_seconds(CEREMONY_LIFETIME_SECONDS)]).to_string();
    Ok(CredentialOptions {
        webauthn: Any(begun.options),
        ceremony: app.sealing.requests().seal_text(&purpose(device.id()), sealed.as_bytes()),
        server_time: now.unix_seconds(),
    })
}

async fn finish(
    app: &App,
    request: &DeviceRequest<ActiveOnly>,
    new: &NewCredential,
) -> poem::Result<CredentialSet> {
    let (device, now) = (&request.device, request.context.now);
    if let Some(stored) = credential_of(device)? {
        return if new.uv.0.get("id").and_then(Value::as_str) == Some(&stored.id()) {
            Ok(CredentialSet {
                uv_credential: UvCredentialId { id: stored.id() },
                server_time: now.unix_seconds(),
            })
        } else {
            Err(exists())
        };
    }
    let ceremony = opened(app, device.id(), &new.ceremony, now)?;
    let made = needed_verifier(app, &request.context.tenant)?.finish_registration(&new.uv.0, &ceremony);
    let made = made.map_err(|_| Problem::new(Code::UvInvalid, "`uv` does not verify against its options"))?;
    let id = made.id();
    devices::add_uv_credential(app, &request.context, device, &made).await.map_err(refused)?;
    Ok(CredentialSet { uv_credential: UvCredentialId { id }, server_time: now.unix_seconds() })
}

/// Opens the ceremony of options that this device received within the last [`CEREMONY_LIFETIME_SECONDS`].
fn opened(app: &App, device: AuthenticatorId, sealed: &str, now: Timestamp) -> Result<Value, Problem> {
    let opened = app.sealing.requests().open_text(&purpose(device), sealed);
    let read = opened.and_then(|bytes| serde_json::from_slice::<(Value, Timestamp)>(&bytes).ok());
    let old = || {
        Problem::new(
            Code::InvalidRequest,
            "`ceremony` is older than 300 seconds or of another device; request new options",
        )
    };
    read.filter(|(_, until)| *until > now).map(|(ceremony, _)| ceremony).ok_or_else(old)
}

fn needed_verifier(app: &App, tenant: &Tenant) -> Result<UserVerifier, Problem> {
    let unable = || {
        Problem::new(Code::UvInvalid, "user verification needs a domain name as the authenticator's address")
    };
    verifier(app, tenant).ok_or_else(unable)
}

fn exists() -> poem::Error {
    refused(ActionError::Conflict(Conflict::CredentialExists))
}

fn purpose(device: AuthenticatorId) -> String {
    format!("uv ceremony of {device}")
}
