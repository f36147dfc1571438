//! Records that a device has fetched a challenge.

use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    fault::Fault,
    storage::{
        audit::about_challenge,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge},
    },
};

/// Marks the challenge delivered to the device, which the browser's page then shows, and returns it as it is
/// now.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the device's owner; a fault when the database does not
/// answer.
pub async fn deliver(
    app: &App,
    context: &RequestContext,
    challenge: &Challenge,
    device: &Authenticator,
) -> Result<Challenge, ActionError> {
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    challenges::deliver(&action.tx, challenge.id(), device.id(), context.now).await?;
    authenticators::touch(&action.tx, device.id(), context.now).await?;
    action.audit(&AuditEvent::ChallengeDelivered, about_challenge(challenge).device(device.id())).await?;
    let row = challenges::find(&action.tx, challenge.id()).await?;
    action.commit().await?;
    Ok(row.ok_or_else(|| Fault::broken(format!("challenge {} no longer exists", challenge.id())))?)
}
