//! Claims an enrollment: the first key that claims it locks it.

use super::ceremony::Ceremony;
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::EnrollmentTransition,
    limits::lockout::MAX_CLAIM_FAILURES,
    storage::{
        audit::about_enrollment,
        enrollments::{self, Enrollment, EnrollmentFilter},
    },
};

/// The authenticator that claims an enrollment.
#[derive(Clone, Debug)]
pub struct Claimant<'a> {
    /// The thumbprint of its key.
    pub thumbprint: &'a str,
    /// The data to keep until the completion.
    pub ceremony: Ceremony,
}

/// Locks an offered enrollment to the key of `by`, unless a concurrent claim was faster.
///
/// # Errors
/// A fault when the database does not answer.
pub async fn claim(
    app: &App,
    context: &RequestContext,
    enrollment: &Enrollment,
    by: Claimant<'_>,
) -> Result<(), ActionError> {
    let (nonce, ceremony) = (app.entropy.nonce(), Some(by.ceremony.to_column()?));
    let action = Action::begin(app, context, Right::Anyone).await?;
    let tx = &action.tx;
    if enrollments::claim(tx, enrollment.id(), by.thumbprint, &nonce, ceremony, context.now).await? {
        let event = AuditEvent::EnrollmentClaimed { platform: by.ceremony.app.platform };
        action.audit(&event, about_enrollment(enrollment)).await?;
    }
    Ok(action.commit().await?)
}

/// Counts a wrong secret for an existing enrollment; the tenth ends it.
///
/// # Errors
/// A fault when the database does not answer.
pub async fn count_failed_claim(
    app: &App,
    context: &RequestContext,
    enrollment: &Enrollment,
) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Anyone).await?;
    let failures = enrollments::count_claim_failure(&action.tx, enrollment.id()).await?;
    if failures == MAX_CLAIM_FAILURES {
        let filter = EnrollmentFilter::Ids(vec![enrollment.id()]);
        enrollments::end(&action.tx, filter, EnrollmentTransition::Fail, context.now).await?;
        let event = AuditEvent::EnrollmentFailed { reason: "claims" };
        action.audit(&event, about_enrollment(enrollment)).await?;
    }
    Ok(action.commit().await?)
}

/// Records that a second key has tried to claim an enrollment.
///
/// # Errors
/// A fault when the database does not answer.
pub async fn record_contest(
    app: &App,
    context: &RequestContext,
    enrollment: &Enrollment,
) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Anyone).await?;
    action.audit(&AuditEvent::EnrollmentContested, about_enrollment(enrollment)).await?;
    Ok(action.commit().await?)
}
