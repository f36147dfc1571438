//! Ends what sign-ins gave.

use super::{Action, ActionError, Right, approvals, enrollment};
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{
        audit::about_session, challenges::ChallengeFilter, enrollments::EnrollmentFilter, grants, journeys,
        sessions,
    },
};
use ::entity::ids::PersonId;

pub use crate::storage::sessions::BrowserSession;

/// Ends a session with the grants that end with it, and closes the sign-ins in progress in its browser, whose
/// cookie has the hash `browser`. `by` is the word of the audit event for the cause.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the session's person; a fault when the database does not
/// answer.
pub async fn end(
    app: &App,
    context: &RequestContext,
    session: &BrowserSession,
    browser: Option<&[u8]>,
    by: &'static str,
) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Person(session.person_id)).await?;
    sessions::end(&action.tx, session.id, context.now).await?;
    if let Some(browser) = browser {
        for journey in journeys::close_of_browser(&action.tx, browser, context.now).await? {
            let filter = ChallengeFilter::Journey(journey);
            approvals::withdraw(app, &action.tx, filter, WithdrawalReason::Cancelled, context).await?;
        }
    }
    action.audit(&AuditEvent::SessionEnded { by }, about_session(session)).await?;
    Ok(action.commit().await?)
}

/// Ends every sign-in of a person: enrollments and sign-ins in progress, sessions, and every grant with its
/// codes and tokens, including those with `offline_access`. The caller holds the person's row
/// ([`crate::storage::people::lock`]) and withdraws the challenges, because it knows the reason.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn end_all(action: &Action<'_>, person: PersonId) -> Result<(), Fault> {
    let (tx, now) = (&action.tx, action.context.now);
    enrollment::cancel(action.app, tx, EnrollmentFilter::Person(person), action.context).await?;
    // The order matters: a concurrent sign-in that completes holds its journey's row until it commits, so the
    // statements after this one find the session and the grant that it created.
    journeys::close_all(tx, person, now).await?;
    sessions::end_all(tx, person, now).await?;
    grants::revoke_of_person(tx, person, None, now).await
}
