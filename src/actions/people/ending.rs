//! Ends everything that a person was given.

use crate::{
    actions::{Action, approvals, sessions},
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::challenges::ChallengeFilter,
};
use ::entity::ids::PersonId;

/// Withdraws the open challenges of a person for `reason`, and ends enrollments and sign-ins in progress, sessions, and
/// every grant with its codes and tokens, including those with `offline_access`. Devices stay. The caller holds the
/// person's row.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn end_everything(
    action: &Action<'_>,
    person: PersonId,
    reason: WithdrawalReason,
) -> Result<(), Fault> {
    let filter = ChallengeFilter::Person(person);
    approvals::withdraw(action.app, &action.tx, filter, reason, action.context).await?;
    sessions::end_all(action, person).await
}
