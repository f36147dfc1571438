//! Resets of a person's factors, after a lost phone.

use super::{ending::end_everything, lock::lock};
use crate::{
    actions::{
        Action, ActionError, Right, devices,
        tickets::{self, Ticket},
    },
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    factors::push::WithdrawalReason,
    storage::authenticators,
};
use ::entity::ids::PersonId;

/// What a reset has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The number of removed authenticators.
    pub removed: usize,
    /// The ticket without which the person adds no first device, where no second factor is left.
    pub ticket: Option<Ticket>,
}

/// Removes every authenticator of a person except the password, and ends their sessions, sign-ins in progress and all
/// tokens, including offline ones. The next sign-in leads to enrollment, which needs the returned ticket.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn reset_factors(
    app: &App,
    context: &RequestContext,
    person: PersonId,
) -> Result<Reset, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, person).await?;
    let devices = authenticators::list_not_revoked(&action.tx, person).await?;
    for device in &devices {
        devices::revoke(&action, device).await?;
    }
    end_everything(&action, person, WithdrawalReason::DeviceRemoved).await?;
    action.audit(&AuditEvent::PersonFactorsReset, about(person)).await?;
    finish(action, person, devices.len()).await
}

/// Removes the phones of a person and no other authenticator. Sessions and tokens stay: what the phones proved is judged
/// by whether they are active.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn reset_push(app: &App, context: &RequestContext, person: PersonId) -> Result<Reset, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    lock(&action, person).await?;
    let devices = authenticators::list_not_revoked(&action.tx, person).await?;
    let phones: Vec<_> = devices.iter().filter(|device| device.is_phone()).collect();
    for phone in &phones {
        devices::revoke(&action, phone).await?;
    }
    action.audit(&AuditEvent::PersonPushReset, about(person)).await?;
    let removed = phones.len();
    finish(action, person, removed).await
}

/// Makes the ticket where no second factor is left, and commits.
pub(super) async fn finish(
    action: Action<'_>,
    person: PersonId,
    removed: usize,
) -> Result<Reset, ActionError> {
    let ticket = match tickets::require_after_removal(&action, person).await? {
        true => Some(tickets::create(&action, person).await?),
        false => None,
    };
    action.commit().await?;
    Ok(Reset { removed, ticket })
}
