//! Deletes a person.

use super::{ending::end_everything, lock::lock};
use crate::{
    actions::{Action, ActionError, Right, slices},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    factors::push::WithdrawalReason,
    storage::{
        attempts::{self, Turn},
        deletions::Deletion,
        people, person_records,
    },
};
use ::entity::ids::PersonId;

/// Deletes a person with everything but the audit events. First disables them and ends everything, so that nothing new
/// arises; then deletes what belongs to them in slices, and the person last. Interrupted, it leaves a disabled person,
/// and can be repeated.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn delete(app: &App, context: &RequestContext, person: PersonId) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let is_new = !lock(&action, person).await?.is_disabled;
    people::save_disabled(&action.tx, person, Some(context.now)).await?;
    end_everything(&action, person, WithdrawalReason::Cancelled).await?;
    if is_new {
        action.audit(&AuditEvent::PersonDisabled, about(person)).await?;
    }
    action.commit().await?;

    slices::run(app, Deletion::of_person(person)).await?;

    // Later than the events above, in the order of the log.
    let context = &RequestContext { now: app.now(), ..context.clone() };
    let action = Action::begin(app, context, Right::Host).await?;
    attempts::delete_of_person(&action.tx, person, Turn::BeforePerson).await?;
    lock(&action, person).await?;
    attempts::delete_of_person(&action.tx, person, Turn::AfterPerson).await?;
    person_records::delete_person(&action.tx, person).await?;
    action.audit(&AuditEvent::PersonDeleted, about(person)).await?;
    Ok(action.commit().await?)
}
