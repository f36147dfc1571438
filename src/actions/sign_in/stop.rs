//! Stops sign-ins from elsewhere: their person has denied or reported a request on a device.

use super::SignIn;
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    fault::Fault,
    storage::{
        Transaction,
        journeys::{self, JourneyFilter},
    },
};

/// Closes the selected sign-ins in progress, each with its audit event. `reason` is the event's word.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn stop(
    app: &App,
    tx: &Transaction,
    context: &RequestContext,
    filter: JourneyFilter,
    reason: &'static str,
) -> Result<(), Fault> {
    for closed in journeys::close_selected::<SignIn>(tx, filter, context.now).await? {
        let client = closed.state.map(|sign_in| sign_in.purpose.client_key());
        let target = about(closed.id).person(closed.person_id).client(client);
        app.audit(tx, context, &AuditEvent::SignInRefused { reason }, target).await?;
    }
    Ok(())
}
