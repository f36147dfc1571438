//! Stores the verified answer of a device by one guarded statement, which only one answer wins, and records
//! every other answer.

use super::{answering::Answering, effect::AnswerEffect};
use crate::{
    actions::{Action, ActionError, Right, devices::suspend},
    app::{App, RequestContext},
    audit::AuditEvent,
    factors::push::answer::AnswerMark,
    fault::Fault,
    storage::{
        authenticators::{self, Counter},
        challenges::{self, Challenge},
        people,
    },
};

/// What became of an answer.
#[derive(Clone, Debug)]
pub enum Answered {
    /// The challenge as it is now, answered by this answer or closed before.
    Challenge(Box<Challenge>),
    /// The device was suspended: another party has its key.
    Suspended,
}

/// Stores a verified answer and runs its effects, if it is the first.
///
/// # Errors
/// [`ActionError::Forbidden`] for another actor than the device's owner; a fault when the database does not
/// answer.
pub async fn answer(
    app: &App,
    context: &RequestContext,
    by: &Answering<'_>,
    mark: &AnswerMark,
    effect: &AnswerEffect,
) -> Result<Answered, ActionError> {
    let challenge = by.challenge()?;
    let action = Action::begin(app, context, Right::Person(by.device.person_id())).await?;
    // The person's row is locked before challenge and sign-ins everywhere: a report closes sign-ins while one
    // of them may be advancing.
    people::lock(&action.tx, by.device.person_id()).await?;
    if is_copied(&action, by, mark).await? {
        action.commit().await?;
        return Ok(Answered::Suspended);
    }
    let written = effect.answer(by.device.id(), mark.digest.to_vec());
    if challenges::answer(&action.tx, challenge.id(), written, context.now).await? {
        effect.follow(&action, by, false).await?;
    } else if effect.is_report()
        && challenges::report_consumed(&action.tx, challenge.id(), context.now).await?
    {
        effect.follow(&action, by, true).await?;
    }
    let row = challenges::find(&action.tx, challenge.id()).await?;
    action.commit().await?;
    let row = row.ok_or_else(|| Fault::broken(format!("challenge {} no longer exists", challenge.id())))?;
    Ok(Answered::Challenge(Box::new(row)))
}

/// Records an answer that the rules have refused for `reason`; `true` when the device was suspended because
/// another party has its key.
///
/// # Errors
/// Those of [`answer`].
pub async fn record_refused(
    app: &App,
    context: &RequestContext,
    by: &Answering<'_>,
    mark: &AnswerMark,
    reason: &'static str,
) -> Result<bool, ActionError> {
    let action = Action::begin(app, context, Right::Person(by.device.person_id())).await?;
    people::lock(&action.tx, by.device.person_id()).await?;
    let is_copied = is_copied(&action, by, mark).await?;
    if !is_copied {
        by.record(&action, &AuditEvent::AnswerRefused { reason }).await?;
    }
    action.commit().await?;
    Ok(is_copied)
}

/// Records a repetition of the accepted answer.
///
/// # Errors
/// Those of [`answer`].
pub async fn record_repeated(
    app: &App,
    context: &RequestContext,
    by: &Answering<'_>,
) -> Result<(), ActionError> {
    let action = Action::begin(app, context, Right::Person(by.device.person_id())).await?;
    by.record(&action, &AuditEvent::AnswerReplayed).await?;
    Ok(action.commit().await?)
}

/// Records the counter. The same counter with other bytes means that two parties hold the key: the device is
/// suspended.
async fn is_copied(action: &Action<'_>, by: &Answering<'_>, mark: &AnswerMark) -> Result<bool, Fault> {
    let counter = authenticators::note_counter(&action.tx, by.device.id(), mark.ctr, &mark.digest).await?;
    if counter != Counter::Cloned {
        return Ok(false);
    }
    by.record(action, &AuditEvent::AnswerCounterConflict { ctr: mark.ctr }).await?;
    suspend(action, by.device, "counter_conflict").await?;
    Ok(true)
}
