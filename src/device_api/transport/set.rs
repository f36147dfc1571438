//! Sets a device's transport.

use super::checked::{CheckedTransport, TransportStatus};
use crate::{
    actions::devices,
    app::App,
    device_api::{
        action_error::refused,
        device_request::{DeviceRequest, IncludingPending},
        problem::{Code, Problem},
        words::TransportKind,
    },
    factors::push::enrollment::Transport,
};
use poem_openapi::Object;

/// A transport, with the counter that orders changes.
#[derive(Object)]
pub struct SetTransport {
    transport: WantedTransport,
    /// A value of the counter that also numbers answers.
    #[oai(validator(minimum(value = "1")))]
    ctr: i64,
}

/// The requested transport; `none` has no other member.
#[derive(Object)]
struct WantedTransport {
    kind: TransportKind,
    endpoint: Option<String>,
    p256dh: Option<String>,
    auth: Option<String>,
    vapid_kid: Option<String>,
}

impl WantedTransport {
    fn into_transport(self) -> Result<Transport, Problem> {
        match (self.kind, self.endpoint, self.p256dh, self.auth, self.vapid_kid) {
            (TransportKind::None, ..) => Ok(Transport::None),
            (TransportKind::Webpush, Some(endpoint), Some(p256dh), Some(auth), Some(vapid_kid)) => {
                Ok(Transport::Webpush { endpoint, p256dh, auth, vapid_kid })
            }
            (TransportKind::Webpush, ..) => Err(Problem::new(
                Code::InvalidRequest,
                "a webpush transport needs endpoint, p256dh, auth and vapid_kid",
            )),
        }
    }
}

/// The device's transport after the change.
#[derive(Object)]
pub struct TransportSet {
    transport: TransportStatus,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// Sets the transport, unless the stored one has a higher counter.
pub async fn set(
    app: &App,
    request: &DeviceRequest<IncludingPending>,
    wanted: SetTransport,
) -> poem::Result<TransportSet> {
    let (device, now) = (&request.device, request.context.now);
    let transport =
        CheckedTransport::check(app, &request.context.tenant, &wanted.transport.into_transport()?).await?;
    let transport = transport.for_device(app, device.id(), wanted.ctr, now);
    let stored = devices::set_transport(app, &request.context, device, transport).await.map_err(refused)?;
    Ok(TransportSet { transport: TransportStatus::of(Some(&stored)), server_time: now.unix_seconds() })
}
