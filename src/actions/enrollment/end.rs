//! Ends enrollments that will not be completed: each gets one audit event, from the request or task that ended
//! it.

use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::EnrollmentTransition,
    fault::Fault,
    storage::{
        Transaction,
        audit::about_enrollment,
        enrollments::{self, Enrollment, EnrollmentFilter},
    },
};

/// Cancels the selected enrollments; those that had expired are recorded as expired.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(
    app: &App,
    tx: &Transaction,
    filter: EnrollmentFilter,
    context: &RequestContext,
) -> Result<(), Fault> {
    expire(app, tx, filter.clone(), context).await?;
    let cancelled = enrollments::end(tx, filter, EnrollmentTransition::Cancel, context.now).await?;
    record_failed(app, tx, &cancelled, "cancelled", context).await
}

/// Marks the overdue ones among the selected enrollments expired.
pub(in crate::actions) async fn expire(
    app: &App,
    tx: &Transaction,
    filter: EnrollmentFilter,
    context: &RequestContext,
) -> Result<(), Fault> {
    let expired = enrollments::expire(tx, filter, context.now).await?;
    record_failed(app, tx, &expired, "expired", context).await
}

async fn record_failed(
    app: &App,
    tx: &Transaction,
    ended: &[Enrollment],
    reason: &'static str,
    context: &RequestContext,
) -> Result<(), Fault> {
    for enrollment in ended {
        let event = AuditEvent::EnrollmentFailed { reason };
        app.audit(tx, context, &event, about_enrollment(enrollment)).await?;
    }
    Ok(())
}
