//! Suspends a device when its signatures or its counter indicate misuse. The change is committed whatever the
//! response to the request is.

use super::received::Received;
use crate::{
    app::App,
    audit::{AuditEvent, AuditSubject},
    limits::lockout::MAX_BAD_SIGNATURES_PER_DAY,
    storage::{Fault, Transaction, authenticators, authenticators::Authenticator, challenges},
};

/// Counts a signature that the device's key did not make; the tenth within a day suspends the device.
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

/// Suspends an active device, and withdraws the challenges that were sent to no other device.
pub async fn suspend(
    app: &App,
    tx: &Transaction,
    device: &Authenticator,
    reason: &'static str,
    received: &Received,
) -> Result<(), Fault> {
    if authenticators::suspend(tx, device.id).await? {
        let event = AuditEvent::DeviceSuspended { reason };
        app.audit(tx, &event, subject(device), &received.audit_source, received.now).await?;
        let filter = challenges::ChallengeFilter::Device(device.id);
        app.withdraw_challenges(tx, filter, "device_suspended", &received.audit_source, received.now).await?;
    }
    Ok(())
}

/// Returns the subject of an audit event about this device.
pub fn subject(device: &Authenticator) -> AuditSubject {
    AuditSubject { person: Some(device.person_id), authenticator: Some(device.id), ..AuditSubject::default() }
}
