//! A message that shows whether messages arrive.

use crate::{
    app::App,
    device_api::{
        device_request::{Active, DeviceRequest},
        limits::wait,
        problem::{Code, Refusal},
    },
    outbox::PushMessage,
    storage::{challenges, outbox, transports},
};
use ::entity::transport::{TransportKind, TransportState};

/// So many messages in an hour.
const MOST: usize = 3;
const HOUR: i64 = 3600;
/// Seconds after which it is worth nothing.
const LIFETIME: i64 = 60;

/// Queues the message.
pub async fn send(app: &App, request: &DeviceRequest<Active>) -> poem::Result<()> {
    let (device, now) = (request.device.id, request.received.now);
    let expires_at = now.plus_seconds(LIFETIME);
    let message = PushMessage::test(&app.addresses.authenticator_url, device, expires_at);
    let row = app.notice(device, &message, expires_at, now)?;
    let tx = app.storage.begin().await?;
    challenges::lock_person(&tx, request.person.id).await?;
    let transport = transports::find(&tx, device).await?;
    let is_dead = |transport: transports::Transport| {
        transport.kind == TransportKind::None || transport.state == TransportState::Gone
    };
    if transport.is_none_or(is_dead) {
        return Err(
            Refusal::new(Code::NoTransport, "there is none, or it is gone: set a transport first").into()
        );
    }
    let sent = outbox::list_notices_since(&tx, device, now.plus_seconds(-HOUR)).await?;
    if let Some(third) = sent.get(MOST - 1) {
        let seconds = third.plus_seconds(HOUR).seconds_since(now);
        return Err(wait(u32::try_from(seconds).unwrap_or_default().max(1)).into());
    }
    outbox::queue(&tx, row).await?;
    tx.commit().await?;
    Ok(())
}
