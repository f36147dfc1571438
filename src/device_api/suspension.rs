//! Setting a device aside when its signatures or its counter go wrong. Committed whatever the request is answered.

use super::received::Received;
use crate::{
    app::App,
    audit::{AuditEvent, AuditSubject},
    limits::lockout::MAX_BAD_SIGNATURES_PER_DAY,
    storage::{Fault, Transaction, authenticators, authenticators::Authenticator, challenges},
};

/// Counts a signature that its key did not make; ten in a day set the device aside.
pub async fn count_bad_signature(
    app: &App,
    device: &Authenticator,
    received: &Received,
) -> Result<(), Fault> {
    let tx = app.storage.begin().await?;
    let failures = authenticators::count_bad_signature(&tx, device.id, received.now).await?;
    if failures >= MAX_BAD_SIGNATURES_PER_DAY {
        suspend(app, &tx, device, "bad_signatures", received).await?;
    }
    tx.commit().await
}

/// Sets an active device aside, and withdraws what nobody else was asked.
pub async fn suspend(
    app: &App,
    tx: &Transaction,
    device: &Authenticator,
    reason: &'static str,
    received: &Received,
) -> Result<(), Fault> {
    if authenticators::suspend(tx, device.id).await? {
        let event = AuditEvent::DeviceSuspended { reason };
        app.audit(tx, &event, subject(device), &received.trail, received.now).await?;
        let filter = challenges::ChallengeFilter::Device(device.id);
        app.withdraw_challenges(tx, filter, "device_suspended", &received.trail, received.now).await?;
    }
    Ok(())
}

/// Whom a line of the trail is about.
pub fn subject(device: &Authenticator) -> AuditSubject {
    AuditSubject { person: Some(device.person_id), authenticator: Some(device.id), ..AuditSubject::default() }
}
