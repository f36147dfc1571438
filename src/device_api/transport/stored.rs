//! Converts a transport between the protocol and its row.

use crate::{
    app::App,
    clock::Timestamp,
    device_api::problem::{Code, Problem},
    factors::push::enrollment::{Transport, endpoint_hash},
    outbox::{WebPushAddress, guard::RefusedEndpoint},
    storage::{Fault, transports},
};
use ::entity::{
    enums::{TransportKind, TransportState},
    ids::AuthenticatorId,
    transport::Model,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::Object;

/// A validated transport.
pub enum StoredTransport {
    /// Web Push.
    Webpush {
        /// The push address.
        address: Box<WebPushAddress>,
        /// SHA-256 of the endpoint as the device wrote it.
        endpoint_hash: [u8; 32],
        /// The id of the VAPID key of the subscription.
        vapid_kid: String,
    },
    /// None: the device polls.
    None {
        /// The rule that forbids the requested endpoint, as its stable word; `None` when none was requested.
        refused: Option<&'static str>,
    },
}

impl StoredTransport {
    /// Validates a requested transport: its form, its VAPID key, and whether the server may call the
    /// endpoint.
    pub async fn check(app: &App, transport: &Transport) -> poem::Result<Self> {
        let invalid = |detail: String| Problem::new(Code::InvalidRequest, detail);
        transport.check().map_err(|detail| invalid(detail.to_owned()))?;
        let Transport::Webpush { endpoint, p256dh, auth, vapid_kid } = transport else {
            return Ok(Self::None { refused: None });
        };
        let address =
            WebPushAddress::parse(endpoint, p256dh, auth).map_err(|error| invalid(error.to_string()))?;
        if app.directory.keys().await?.vapid.find(vapid_kid).is_none() {
            return Err(invalid("vapid_kid is not a key of this server".to_owned()).into());
        }
        app.guard.check_push_endpoint(address.endpoint()).map_err(|error| {
            let refusal = Problem::new(Code::EndpointRefused, error.to_string());
            error.refused_by().map_or(refusal.clone(), |rule| refusal.reason(rule.word()))
        })?;
        let endpoint_hash = endpoint_hash(endpoint);
        Ok(Self::Webpush { address: Box::new(address), endpoint_hash, vapid_kid: vapid_kid.clone() })
    }

    /// Does the same during enrollment, where a forbidden endpoint does not stop the enrollment.
    pub async fn at_enrollment(app: &App, transport: &Transport) -> poem::Result<Self> {
        let checked = Self::check(app, transport).await;
        let refused = checked.as_ref().err().and_then(|error| error.downcast_ref::<Problem>()?.reason);
        match refused {
            Some(rule) => Ok(Self::None { refused: Some(rule) }),
            None => checked,
        }
    }

    /// Returns the transport's row.
    pub fn row(self, app: &App, device: AuthenticatorId, ctr: i64, now: Timestamp) -> Model {
        let none = Model {
            authenticator_id: device,
            kind: TransportKind::None,
            address: None,
            address_hash: None,
            vapid_kid: None,
            state: TransportState::Untried,
            ctr,
            last_ok_at: None,
            last_error: None,
            updated_at: now,
        };
        match self {
            Self::None { refused } => Model { last_error: refused.map(str::to_owned), ..none },
            Self::Webpush { address, endpoint_hash, vapid_kid } => Model {
                kind: TransportKind::Webpush,
                address: Some(address.seal(app.sealing.rows(), device)),
                address_hash: Some(endpoint_hash.to_vec()),
                vapid_kid: Some(vapid_kid),
                ..none
            },
        }
    }
}

/// The device's transport, as the device sees it.
#[derive(Object)]
pub struct TransportStatus {
    /// `webpush` or `none`.
    pub kind: String,
    /// `untried`, `ok`, `suspect` or `gone`.
    state: String,
    /// The id of the VAPID key of the subscription; null for `none`.
    #[oai(nullable)]
    vapid_kid: Option<String>,
    /// b64u(SHA-256(endpoint)); null for `none`.
    #[oai(nullable)]
    endpoint_sha256: Option<String>,
    /// Why the requested transport was not stored: `host_refused`, `endpoint_not_https` or `address_refused`;
    /// null otherwise.
    #[oai(nullable)]
    pub reason: Option<String>,
}

impl TransportStatus {
    /// Reads the transport of a device.
    pub async fn of_device(app: &App, device: AuthenticatorId) -> Result<Self, Fault> {
        Ok(Self::of(transports::find(&app.storage, device).await?.as_ref()))
    }

    /// Returns the transport of a row; `none` when the device has no row.
    pub fn of(row: Option<&Model>) -> Self {
        Self {
            kind: row.map_or(TransportKind::None, |row| row.kind).as_str().to_owned(),
            state: row.map_or(TransportState::Untried, |row| row.state).as_str().to_owned(),
            vapid_kid: row.and_then(|row| row.vapid_kid.clone()),
            endpoint_sha256: row
                .and_then(|row| row.address_hash.as_ref())
                .map(|hash| URL_SAFE_NO_PAD.encode(hash)),
            reason: row.and_then(reason_word).map(str::to_owned),
        }
    }
}

/// Returns the rule that forbade the requested endpoint, for a transport that is `none`.
fn reason_word(row: &Model) -> Option<&'static str> {
    let stored = row.last_error.as_deref().filter(|_| row.kind == TransportKind::None)?;
    RefusedEndpoint::ALL.map(RefusedEndpoint::word).into_iter().find(|word| *word == stored)
}
