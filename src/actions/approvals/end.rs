//! Ends challenges that will not be answered: each gets one audit event, from the request or task that ended
//! it.

use crate::{
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{
        Transaction,
        audit::about_challenge,
        challenges::{self, Challenge, ChallengeFilter},
    },
};
use ::entity::ids::ChallengeId;

/// Withdraws the selected challenges that can still be answered.
///
/// # Errors
/// When the database does not answer.
pub async fn withdraw(
    app: &App,
    tx: &Transaction,
    filter: ChallengeFilter,
    reason: WithdrawalReason,
    context: &RequestContext,
) -> Result<(), Fault> {
    for challenge in challenges::supersede(tx, filter, reason, context.now).await? {
        let event = AuditEvent::ChallengeSuperseded { reason: reason.as_str() };
        app.audit(tx, context, &event, about_challenge(&challenge)).await?;
    }
    Ok(())
}

/// Marks the overdue ones among these challenges expired.
pub(in crate::actions) async fn expire(
    app: &App,
    tx: &Transaction,
    ids: Vec<ChallengeId>,
    context: &RequestContext,
) -> Result<(), Fault> {
    for challenge in challenges::expire(tx, ids, context.now).await? {
        app.audit(tx, context, &expired(&challenge), about_challenge(&challenge)).await?;
    }
    Ok(())
}

/// An approval that was not consumed expires at `consume_by`, a challenge without an answer at `expires_at`.
fn expired(challenge: &Challenge) -> AuditEvent {
    let reason = if challenge.answered_at().is_some() { "unclaimed" } else { "unanswered" };
    let at = challenge.consume_by().unwrap_or(challenge.expires_at());
    AuditEvent::ChallengeExpired { reason, at: at.unix_seconds() }
}
