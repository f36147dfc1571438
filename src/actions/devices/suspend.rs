//! Suspends a device when its signatures or its counter indicate misuse.

use crate::{
    actions::{Action, ActionError, Right, ending::Ending},
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    limits::lockout::MAX_BAD_SIGNATURES_PER_DAY,
    storage::{
        audit::about_device,
        authenticators::{self, Authenticator},
        people,
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
    people::lock(&action.tx, device.person_id()).await?;
    let failures = authenticators::count_bad_signature(&action.tx, device.id(), context.now).await?;
    if failures >= MAX_BAD_SIGNATURES_PER_DAY {
        suspend(&action, device, "bad_signatures").await?;
    }
    Ok(action.commit().await?)
}

/// Suspends an active device, and ends what it has given ([`Ending::device`]). The caller holds the row of its
/// owner.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn suspend(
    action: &Action<'_>,
    device: &Authenticator,
    reason: &'static str,
) -> Result<(), Fault> {
    if authenticators::suspend(&action.tx, device.id()).await? {
        action.audit(&AuditEvent::DeviceSuspended { reason }, about_device(device)).await?;
        Ending::of(action).device(device, WithdrawalReason::DeviceSuspended).await?;
    }
    Ok(())
}
