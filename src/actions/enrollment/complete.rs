//! Completes a claimed enrollment: registers a device that waits for its confirmation.

use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext},
    audit::AuditEvent,
    storage::{
        audit::about_enrollment,
        authenticators::{self, NewDevice},
        enrollments::{self, Completion, Enrollment},
        people,
        transports::{self, NewTransport},
    },
};
use ::entity::enums::EnrollmentState;

/// Writes device, transport and enrollment, whose values were verified, unless a concurrent completion was
/// faster.
///
/// # Errors
/// [`Conflict::KeyInUse`] when another device has the key; a fault when the database does not answer.
pub async fn complete(
    app: &App,
    context: &RequestContext,
    enrollment: &Enrollment,
    (device, transport): (NewDevice, NewTransport),
    completion: Completion,
) -> Result<(), ActionError> {
    let (id, name) = (device.id, device.name.clone());
    let action = Action::begin(app, context, Right::Anyone).await?;
    // The person's row is locked before the enrollment's everywhere: a reset and an offer take the locks in
    // this order.
    people::lock(&action.tx, enrollment.person_id()).await?;
    let locked = enrollments::lock(&action.tx, enrollment.id()).await?;
    if locked.is_none_or(|locked| locked.stored_state() != EnrollmentState::Claimed) {
        return Ok(());
    }
    if authenticators::find_by_thumbprint(&action.tx, &device.thumbprint).await?.is_some() {
        return Err(ActionError::Conflict(Conflict::KeyInUse));
    }
    authenticators::insert_device(&action.tx, device).await?;
    transports::save(&action.tx, transport).await?;
    if !enrollments::complete(&action.tx, enrollment.id(), completion, context.now).await? {
        return Ok(());
    }
    let event = AuditEvent::EnrollmentCompleted { name };
    action.audit(&event, about_enrollment(enrollment).device(id)).await?;
    Ok(action.commit().await?)
}
