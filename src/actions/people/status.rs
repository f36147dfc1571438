//! Disables, enables and signs out a person.

use super::{ending::end_everything, lock::lock};
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    factors::push::WithdrawalReason,
    storage::{people, tickets},
};
use ::entity::{enums::TicketKind, ids::PersonId};

/// Disables a person, so that every interface refuses them, and ends everything that they were given. `false` when they
/// were disabled before.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn disable(app: &App, context: &RequestContext, person: PersonId) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    if lock(&action, person).await?.is_disabled {
        return Ok(false);
    }
    people::save_disabled(&action.tx, person, Some(context.now)).await?;
    end_everything(&action, person, WithdrawalReason::Cancelled).await?;
    for kind in TicketKind::ALL {
        tickets::delete_open(&action.tx, kind, person).await?;
    }
    action.audit(&AuditEvent::PersonDisabled, about(person)).await?;
    action.commit().await?;
    Ok(true)
}

/// Enables a person. Nothing that had ended comes back: they sign in again. `false` when they were enabled before.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn enable(app: &App, context: &RequestContext, person: PersonId) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    if !lock(&action, person).await?.is_disabled {
        return Ok(false);
    }
    // What was begun or issued at the moment of the disabling ends here at the latest.
    end_everything(&action, person, WithdrawalReason::Cancelled).await?;
    people::save_disabled(&action.tx, person, None).await?;
    action.audit(&AuditEvent::PersonEnabled, about(person)).await?;
    action.commit().await?;
    Ok(true)
}

/// Ends everything that a person was given; they may sign in again.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn sign_out(app: &App, context: &RequestContext, person: PersonId) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, person).await?;
    end_everything(&action, person, WithdrawalReason::Cancelled).await?;
    action.audit(&AuditEvent::PersonSignedOut, about(person)).await?;
    Ok(action.commit().await?)
}
