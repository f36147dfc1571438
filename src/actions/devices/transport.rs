//! Sets how a device is reached, and tests it.

use super::message::message_row;
use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    limits::{
        lifetimes::TEST_PUSH_LIFETIME_SECONDS,
        push::{MAX_TEST_PUSHES, TEST_PUSH_WINDOW_SECONDS},
    },
    outbox::PushMessage,
    storage::{
        audit::about_device,
        authenticators::Authenticator,
        outbox, people,
        transports::{self, NewTransport, Transport},
    },
};

/// Stores `transport`, whose values were checked, unless the stored one has a higher counter; returns the
/// stored one.
///
/// # Errors
/// [`Conflict::StaleTransport`]; [`ActionError::Forbidden`] for another actor than the device's owner; a fault
/// when the database does not answer.
pub async fn set_transport(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
    transport: NewTransport,
) -> Result<Transport, ActionError> {
    let kind = transport.kind().as_str();
    let is_same = |stored: &Transport| transport.is_stored_as(stored);
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    let before = transports::find(&action.tx, device.id()).await?;
    if !before.as_ref().is_some_and(is_same) {
        transports::save(&action.tx, transport.clone()).await?;
    }
    let after = transports::find(&action.tx, device.id()).await?;
    let Some(stored) = after.filter(is_same) else {
        return Err(ActionError::Conflict(Conflict::StaleTransport));
    };
    if before.as_ref() != Some(&stored) {
        action.audit(&AuditEvent::TransportChanged { kind }, about_device(device)).await?;
    }
    action.commit().await?;
    Ok(stored)
}

/// Queues a test message to a device.
///
/// # Errors
/// [`Conflict::NoTransport`]; [`ActionError::Limited`] after [`MAX_TEST_PUSHES`] messages within the window;
/// [`ActionError::Forbidden`] for another actor than the device's owner; a fault when the database does not
/// answer.
pub async fn send_test_message(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
) -> Result<(), ActionError> {
    let now = context.now;
    let expires_at = now.plus_seconds(TEST_PUSH_LIFETIME_SECONDS);
    let message = PushMessage::test(&app.addresses.authenticator_url, device.id(), expires_at);
    let row = message_row(app, context, device.id(), &message, expires_at)?;
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    people::lock(&action.tx, device.person_id()).await?;
    let transport = transports::find(&action.tx, device.id()).await?;
    if !transport.is_some_and(|transport| transport.is_reachable()) {
        return Err(ActionError::Conflict(Conflict::NoTransport));
    }
    let since = now.plus_seconds(-TEST_PUSH_WINDOW_SECONDS);
    let sent = outbox::list_tests_since(&action.tx, device.id(), since, TEST_PUSH_LIFETIME_SECONDS).await?;
    if let Some(third) = sent.get(MAX_TEST_PUSHES - 1) {
        let seconds = third.plus_seconds(TEST_PUSH_WINDOW_SECONDS).seconds_since(now);
        let retry_after_seconds = u32::try_from(seconds).unwrap_or_default().max(1);
        return Err(ActionError::Limited { retry_after_seconds });
    }
    outbox::queue(&action.tx, row).await?;
    Ok(action.commit().await?)
}
