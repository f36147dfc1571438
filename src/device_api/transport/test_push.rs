//! Sends a test message to a device.

use crate::{
    actions::devices::message_row,
    app::App,
    device_api::{
        device_request::{ActiveOnly, DeviceRequest},
        limits::wait,
        problem::{Code, Problem},
    },
    limits::{
        lifetimes::TEST_PUSH_LIFETIME_SECONDS,
        push::{MAX_TEST_PUSHES, TEST_PUSH_WINDOW_SECONDS},
    },
    outbox::PushMessage,
    storage::{challenges, outbox, transports},
};
use ::entity::transport::{TransportKind, TransportState};

/// Queues a test message, unless the device has no transport or has had too many tests.
pub async fn send(app: &App, request: &DeviceRequest<ActiveOnly>) -> poem::Result<()> {
    let (device, now) = (request.device.id, request.context.now);
    let expires_at = now.plus_seconds(TEST_PUSH_LIFETIME_SECONDS);
    let message = PushMessage::test(&app.addresses.authenticator_url, device, expires_at);
    let row = message_row(app, device, &message, expires_at, now)?;
    let tx = app.storage.begin().await?;
    challenges::lock_person(&tx, request.person.id).await?;
    let transport = transports::find(&tx, device).await?;
    let is_dead = |transport: transports::Transport| {
        transport.kind == TransportKind::None || transport.state == TransportState::Gone
    };
    if transport.is_none_or(is_dead) {
        return Err(
            Problem::new(Code::NoTransport, "the device has no working transport; set one first").into()
        );
    }
    let sent = outbox::list_notices_since(&tx, device, now.plus_seconds(-TEST_PUSH_WINDOW_SECONDS)).await?;
    if let Some(third) = sent.get(MAX_TEST_PUSHES - 1) {
        let seconds = third.plus_seconds(TEST_PUSH_WINDOW_SECONDS).seconds_since(now);
        return Err(wait(u32::try_from(seconds).unwrap_or_default().max(1)).into());
    }
    outbox::queue(&tx, row).await?;
    tx.commit().await?;
    Ok(())
}
