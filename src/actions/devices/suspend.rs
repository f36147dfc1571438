//! Suspends a device when its signatures or its counter indicate misuse.

use crate::{
    actions::{Action, ActionError, Right, approvals},
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    limits::lockout::MAX_BAD_SIGNATURES_PER_DAY,
    storage::{
        audit::about_device,
        authenticators::{self, Authenticator},
        challenges::ChallengeFilter,
    },
};

/// Counts a signature that the device's key did not make; the tenth within a day suspends the device. The
/// count is committed whatever the response to the request is.
///
/// # Errors
/// A fault when the database does not answer.
pub async fn count_bad_signature(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Anyone).await?;
    let failures = authenticators::count_bad_signature(&action.tx, device.id(), context.now).await?;
    if failures >= MAX_BAD_SIGNATURES_PER_DAY {
        suspend(&action, device, "bad_signatures").await?;
    }
    Ok(action.commit().await?)
}

/// Suspends an active device, and withdraws the challenges that were sent to no other device.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn suspend(
    action: &Action<'_>,
    device: &Authenticator,
    reason: &'static str,
) -> Result<(), Fault> {
    let (app, tx, context) = (action.app, &action.tx, action.context);
    if authenticators::suspend(tx, device.id()).await? {
        action.audit(&AuditEvent::DeviceSuspended { reason }, about_device(device)).await?;
        let filter = ChallengeFilter::Device(device.id());
        approvals::withdraw(app, tx, filter, WithdrawalReason::DeviceSuspended, context).await?;
    }
    Ok(())
}
