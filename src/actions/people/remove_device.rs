//! Removes one device of a person by a command.

use super::{
    lock::lock,
    reset::{Reset, finish},
};
use crate::{
    actions::{Action, ActionError, Right, devices},
    app::{App, RequestContext},
    storage::authenticators,
};
use ::entity::{
    enums::AuthenticatorState,
    ids::{AuthenticatorId, PersonId},
};

/// Removes one authenticator of a person.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person, or the person no such authenticator that is not removed
/// yet; a fault when the database does not answer.
pub async fn remove_device(
    app: &App,
    context: &RequestContext,
    (person, device): (PersonId, AuthenticatorId),
) -> Result<Reset, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, person).await?;
    let found = authenticators::find(&action.tx, device).await?;
    let own = found
        .filter(|device| device.person_id() == person && device.state() != AuthenticatorState::Revoked)
        .ok_or(ActionError::NotFound)?;
    devices::revoke(&action, &own).await?;
    if own.state() == AuthenticatorState::PendingConfirm {
        // It was no second factor yet.
        action.commit().await?;
        return Ok(Reset { removed: 1, ticket: None });
    }
    finish(action, person, 1).await
}
