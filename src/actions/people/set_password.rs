//! Sets a person's password by an operator.

use super::{ending::end_everything, lock::lock, password_rule::password_problem};
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    directory::{Person, Pool},
    factors::push::WithdrawalReason,
    storage::{person_records, tickets},
};
use ::entity::enums::TicketKind;

/// Sets the password of `person`, who is of `pool`, and ends everything that they were given, but their devices. Unless
/// `is_permanent`, another password must be chosen at the next sign-in.
///
/// # Errors
/// [`ActionError::Invalid`] for a password that breaks a rule; [`ActionError::NotFound`] when the tenant has no such
/// person; a fault when the queue of password hashes is full or the database does not answer.
pub async fn set_password(
    app: &App,
    context: &RequestContext,
    (pool, person): (&Pool, &Person),
    password: &str,
    is_permanent: bool,
) -> Result<(), ActionError> {
    let claims = &person.claims;
    let names = [
        person.username.as_str(),
        claims.name.as_deref().unwrap_or_default(),
        claims.email.as_deref().unwrap_or_default(),
        &context.tenant.workspace.display_name,
    ];
    if let Some(problem) = password_problem(pool, &names, password) {
        return Err(ActionError::Invalid(vec![problem]));
    }
    // Hash before the transaction begins, because hashing is slow.
    let hash = app.hash_password(password.to_owned()).await?;
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, person.id).await?;
    let must_change_at = (!is_permanent).then_some(context.now);
    person_records::set_password(&action.tx, person.id, &hash, must_change_at, context.now).await?;
    end_everything(&action, person.id, WithdrawalReason::Cancelled).await?;
    // An invitation would let its holder set another first password.
    tickets::delete_open(&action.tx, TicketKind::Invitation, person.id).await?;
    action.audit(&AuditEvent::PersonPasswordSet { must_change: !is_permanent }, about(person.id)).await?;
    Ok(action.commit().await?)
}
