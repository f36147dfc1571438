//! Locks the person of a use case.

use crate::{
    actions::{Action, ActionError},
    directory::Person,
    storage::people,
};
use ::entity::ids::PersonId;

/// Locks the row of the tenant's person with this id, for a change in this transaction.
pub(in crate::actions) async fn lock(action: &Action<'_>, id: PersonId) -> Result<Person, ActionError> {
    let found = people::lock(&action.tx, id).await?;
    let own = found.filter(|person| person.workspace_id == action.context.tenant.workspace.id);
    own.ok_or(ActionError::NotFound)
}
