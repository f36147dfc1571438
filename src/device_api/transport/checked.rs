//! Checks the transport that a device registers, and describes the stored one.

use crate::{
    actions::devices::{self, Authenticator, NewAddress, NewTransport, find_transport},
    app::{App, Tenant},
    clock::Timestamp,
    device_api::{
        problem::{Code, Problem},
        words::{self, TransportReason},
    },
    factors::push::enrollment::{Transport, endpoint_hash},
    fault::Fault,
    outbox::{WebPushAddress, guard::RefusedEndpoint},
};
use ::entity::{
    enums::{TransportKind, TransportState},
    ids::AuthenticatorId,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem_openapi::Object;

/// A validated transport.
pub struct CheckedTransport {
    /// The Web Push address; `None` for a device that polls.
    webpush: Option<CheckedAddress>,
    /// The rule that forbids the requested endpoint, as its stable word.
    refused: Option<&'static str>,
}

/// A validated Web Push address.
struct CheckedAddress {
    address: WebPushAddress,
    /// SHA-256 of the endpoint as the device wrote it.
    endpoint_hash: [u8; 32],
    /// The id of the VAPID key of the subscription.
    vapid_kid: String,
}

impl CheckedTransport {
    /// Validates a requested transport: its form, its VAPID key, and whether the server may call the
    /// endpoint.
    pub async fn check(app: &App, tenant: &Tenant, transport: &Transport) -> poem::Result<Self> {
        let invalid = |detail: String| Problem::new(Code::InvalidRequest, detail);
        transport.check().map_err(|detail| invalid(detail.to_owned()))?;
        let Transport::Webpush { endpoint, p256dh, auth, vapid_kid } = transport else {
            return Ok(Self { webpush: None, refused: None });
        };
        let address =
            WebPushAddress::parse(endpoint, p256dh, auth).map_err(|error| invalid(error.to_string()))?;
        if tenant.directory.find_vapid_key(vapid_kid).await?.is_none() {
            return Err(invalid("vapid_kid is not a key of this server".to_owned()).into());
        }
        app.guard.check_push_endpoint(address.endpoint()).map_err(|error| {
            let detail =
                error.refused_by().map_or_else(|| error.to_string(), |rule| sentence(rule).to_owned());
            let refusal = Problem::new(Code::EndpointRefused, detail);
            error.refused_by().map_or(refusal.clone(), |rule| refusal.reason(rule.word()))
        })?;
        let (endpoint_hash, vapid_kid) = (endpoint_hash(endpoint), vapid_kid.clone());
        Ok(Self { webpush: Some(CheckedAddress { address, endpoint_hash, vapid_kid }), refused: None })
    }

    /// Does the same during enrollment, where a forbidden endpoint does not stop the enrollment.
    pub async fn at_enrollment(app: &App, tenant: &Tenant, transport: &Transport) -> poem::Result<Self> {
        let checked = Self::check(app, tenant, transport).await;
        let refused = checked.as_ref().err().and_then(|error| error.downcast_ref::<Problem>()?.reason);
        if refused.is_some() { Ok(Self { webpush: None, refused }) } else { checked }
    }

    /// Returns the transport to store for `device`.
    pub fn for_device(self, app: &App, device: AuthenticatorId, ctr: i64, now: Timestamp) -> NewTransport {
        let address = self.webpush.map(|webpush| NewAddress {
            sealed: webpush.address.seal(app.sealing.rows(), device),
            hash: webpush.endpoint_hash.to_vec(),
            vapid_kid: webpush.vapid_kid,
        });
        NewTransport { device, address, refused: self.refused, ctr, now }
    }
}

/// The device's transport, as the device sees it.
#[derive(Object)]
pub struct TransportStatus {
    /// `webpush` or `none`.
    pub kind: words::TransportKind,
    /// `untried`, `ok`, `suspect` or `gone`.
    state: words::TransportState,
    /// The id of the VAPID key of the subscription; null for `none`.
    #[oai(nullable)]
    vapid_kid: Option<String>,
    /// b64u(SHA-256(endpoint)); null for `none`.
    #[oai(nullable)]
    endpoint_sha256: Option<String>,
    /// Why the requested transport was not stored: `host_refused`, `endpoint_not_https` or `address_refused`;
    /// null otherwise.
    #[oai(nullable)]
    pub reason: Option<TransportReason>,
}

impl TransportStatus {
    /// Reads the transport of a device.
    pub async fn of_device(app: &App, device: &Authenticator) -> Result<Self, Fault> {
        Ok(Self::of(find_transport(app, device).await?.as_ref()))
    }

    /// Describes a stored transport; `none` when the device has none.
    pub fn of(stored: Option<&devices::Transport>) -> Self {
        Self {
            kind: stored.map_or(TransportKind::None, devices::Transport::kind).into(),
            state: stored.map_or(TransportState::Untried, devices::Transport::state).into(),
            vapid_kid: stored.and_then(devices::Transport::vapid_kid).map(str::to_owned),
            endpoint_sha256: stored
                .and_then(devices::Transport::address_hash)
                .map(|hash| URL_SAFE_NO_PAD.encode(hash)),
            reason: stored.and_then(reason_of).map(TransportReason::from),
        }
    }
}

/// Says which rule forbids an endpoint. It is judged by its text alone, so that this tells nothing of the network.
const fn sentence(rule: RefusedEndpoint) -> &'static str {
    match rule {
        RefusedEndpoint::Host => {
            "the host of the endpoint is none of the push services that this server calls"
        }
        RefusedEndpoint::NotHttps => "the endpoint must be an https URL without a port",
        RefusedEndpoint::Address => {
            "the endpoint must have a public host, and neither a user name nor a password"
        }
    }
}

/// Returns the rule that forbade the requested endpoint, for a transport that is `none`.
fn reason_of(transport: &devices::Transport) -> Option<RefusedEndpoint> {
    let stored = transport.last_error().filter(|_| transport.kind() == TransportKind::None)?;
    RefusedEndpoint::ALL.into_iter().find(|rule| rule.word() == stored)
}
