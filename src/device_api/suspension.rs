//! Suspends a device when its signatures or its counter indicate misuse. The change is committed whatever the
//! response to the request is.

use crate::{
    actions::approvals,
    app::{App, RequestContext},
    audit::AuditEvent,
    limits::lockout::MAX_BAD_SIGNATURES_PER_DAY,
    storage::{
        Fault, Transaction, audit::about_device, authenticators, authenticators::Authenticator, challenges,
    },
};

/// Counts a signature that the device's key did not make; the tenth within a day suspends the device.
pub async fn count_bad_signature(
    app: &App,
    device: &Authenticator,
    context: &RequestContext,
) -> Result<(), Fault> {
    let tx = app.storage.begin().await?;
    let failures = authenticators::count_bad_signature(&tx, device.id, context.now).await?;
    if failures >= MAX_BAD_SIGNATURES_PER_DAY {
        suspend(app, &tx, device, "bad_signatures", context).await?;
    }
    tx.commit().await
}

/// Suspends an active device, and withdraws the challenges that were sent to no other device.
pub async fn suspend(
    app: &App,
    tx: &Transaction,
    device: &Authenticator,
    reason: &'static str,
    context: &RequestContext,
) -> Result<(), Fault> {
    if authenticators::suspend(tx, device.id).await? {
        let event = AuditEvent::DeviceSuspended { reason };
        app.audit(tx, context, &event, about_device(device)).await?;
        let filter = challenges::ChallengeFilter::Device(device.id);
        approvals::withdraw(app, tx, filter, "device_suspended", context).await?;
    }
    Ok(())
}
