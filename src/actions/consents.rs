//! Consents: a person allows a client scopes in a sign-in; an operator takes that back.

use super::{Action, ActionError, Right, people::lock};
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    storage::{consents, grants},
};
use ::entity::ids::{ClientKey, PersonId};

/// Takes back what a person has allowed a client: the stored consent, and every grant of theirs to it with its codes and
/// tokens, those with `offline_access` too. The next sign-in asks again, unless the client's consent is implied. `false`
/// when there was neither.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn revoke(
    app: &App,
    context: &RequestContext,
    (person, client): (PersonId, ClientKey),
) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    // A sign-in that completes holds the person's row as well, so that its grant is found here.
    lock(&action, person).await?;
    let was_stored = consents::delete(&action.tx, client, person).await?;
    let ended = grants::revoke_of_person(&action.tx, person, Some(client), context.now).await?;
    if !was_stored && ended == 0 {
        return Ok(false);
    }
    action.audit(&AuditEvent::ConsentRevoked, about(person).client(client)).await?;
    action.commit().await?;
    Ok(true)
}
