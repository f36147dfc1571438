//! What follows when the outbox is done with a delivery: the row ends, and the device or the audit log learns of it, in
//! one transaction.

use super::{Action, ActionError, Right, devices, letters};
use crate::{
    app::{App, RequestContext},
    outbox::Finished,
    storage::outbox::{self, Recipient},
};

/// Ends the row of a delivery. One that has ended already, because it was cancelled or another node was faster, changes
/// nothing.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the server itself; a fault when the database does not answer.
pub async fn finish(app: &App, context: &RequestContext, finished: &Finished) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::System).await?;
    let (id, outcome) = (finished.id, finished.outcome);
    let Some(ended) = outbox::finish(&action.tx, id, outcome, finished.error.as_deref()).await? else {
        return Ok(());
    };
    match &finished.recipient {
        Some(Recipient::Device(device)) => devices::after_delivery(&action, *device, finished, ended).await?,
        Some(Recipient::Email { person, .. }) => letters::after_delivery(&action, *person, finished).await?,
        None => {}
    }
    Ok(action.commit().await?)
}
