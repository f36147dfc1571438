//! Ends what sign-ins gave.

use super::{Action, ActionError, Right, approvals, ending::Ending};
use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{audit::about_session, challenges::ChallengeFilter, journeys, sessions},
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
        for journey in
            journeys::close_of_browser(&action.tx, session.workspace_id, browser, context.now).await?
        {
            let filter = ChallengeFilter::Journey(journey);
            approvals::withdraw(app, &action.tx, filter, WithdrawalReason::Cancelled, context).await?;
        }
    }
    action.audit(&AuditEvent::SessionEnded { by }, about_session(session)).await?;
    Ok(action.commit().await?)
}

/// Ends every sign-in of a person: [`Ending::person`].
///
/// # Errors
/// When the database does not answer.
pub(super) async fn end_all(action: &Action<'_>, person: PersonId) -> Result<(), Fault> {
    Ending::of(action).person(person, None).await
}
