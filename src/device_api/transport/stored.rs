//! A transport between the wire and its row.

use crate::{
    app::App,
    clock::Timestamp,
    device_api::problem::{Code, Problem},
    factors::push::enrollment::{Transport, endpoint_hash},
    outbox::WebPushAddress,
    storage::{Fault, transports},
};
use ::entity::{
    ids::AuthenticatorId,
    transport::{Model, TransportKind, TransportState},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::Object;

/// A transport that was checked and may be stored.
pub enum StoredTransport {
    /// Web Push.
    Webpush {
        /// Where to.
        address: Box<WebPushAddress>,
        /// SHA-256 of the endpoint as the device wrote it.
        endpoint_hash: [u8; 32],
        /// The key that it was subscribed with.
        vapid_kid: String,
    },
    /// Not at all: the device asks.
    None,
}

impl StoredTransport {
    /// Checks what a device wants: its form, its key, and whether this server may call the endpoint.
    pub async fn check(app: &App, transport: &Transport) -> poem::Result<Self> {
        let invalid = |detail: String| Problem::new(Code::InvalidRequest, detail);
        transport.check().map_err(|detail| invalid(detail.to_owned()))?;
        let Transport::Webpush { endpoint, p256dh, auth, vapid_kid } = transport else {
            return Ok(Self::None);
        };
        let address =
            WebPushAddress::parse(endpoint, p256dh, auth).map_err(|error| invalid(error.to_string()))?;
        if app.directory.keys().await?.vapid.find(vapid_kid).is_none() {
            return Err(invalid("vapid_kid names no key of this server".to_owned()).into());
        }
        app.guard
            .check_push_endpoint(address.endpoint())
            .map_err(|error| Problem::new(Code::EndpointRefused, error.to_string()))?;
        let endpoint_hash = endpoint_hash(endpoint);
        Ok(Self::Webpush { address: Box::new(address), endpoint_hash, vapid_kid: vapid_kid.clone() })
    }

    /// The same while a device enrolls: an endpoint that may not be called holds nothing up.
    pub async fn at_enrollment(app: &App, transport: &Transport) -> poem::Result<Self> {
        match Self::check(app, transport).await {
            Err(error)
                if error
                    .downcast_ref::<Problem>()
                    .is_some_and(|refusal| refusal.code == Code::EndpointRefused) =>
            {
                Ok(Self::None)
            }
            checked => checked,
        }
    }

    /// Its row.
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
            Self::None => none,
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

/// How a device is reached, as it may know it.
#[derive(Object)]
pub struct TransportStatus {
    /// `webpush` or `none`.
    pub kind: String,
    /// `untried`, `ok`, `suspect` or `gone`.
    state: String,
    /// The key that it was subscribed with; null for `none`.
    #[oai(nullable)]
    vapid_kid: Option<String>,
    /// b64u(SHA-256(endpoint)); null for `none`.
    #[oai(nullable)]
    endpoint_sha256: Option<String>,
}

impl TransportStatus {
    /// That of a device.
    pub async fn of_device(app: &App, device: AuthenticatorId) -> Result<Self, Fault> {
        Ok(Self::of(transports::find(&app.storage, device).await?.as_ref()))
    }

    /// That of a row; a device that never said is not reached.
    pub fn of(row: Option<&Model>) -> Self {
        Self {
            kind: kind_word(row.map_or(TransportKind::None, |row| row.kind)).to_owned(),
            state: state_word(row.map_or(TransportState::Untried, |row| row.state)).to_owned(),
            vapid_kid: row.and_then(|row| row.vapid_kid.clone()),
            endpoint_sha256: row
                .and_then(|row| row.address_hash.as_ref())
                .map(|hash| URL_SAFE_NO_PAD.encode(hash)),
        }
    }
}

/// The word for a kind.
pub fn kind_word(kind: TransportKind) -> &'static str {
    match kind {
        TransportKind::Webpush => "webpush",
        TransportKind::None => "none",
    }
}

fn state_word(state: TransportState) -> &'static str {
    match state {
        TransportState::Untried => "untried",
        TransportState::Ok => "ok",
        TransportState::Suspect => "suspect",
        TransportState::Gone => "gone",
    }
}
