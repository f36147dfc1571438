//! Deletes what keeps a person out for a while: counters of wrong answers, the back-off of push, a mute.

use super::lock::lock;
use crate::{
    actions::{Action, ActionError, Right, approvals},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    limits::push::HISTORY_SECONDS,
    storage::{
        attempts::{self, Turn},
        challenges, person_records,
    },
};
use ::entity::ids::PersonId;

/// What an unlocking has deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// The kinds of wrong answers that were counted, such as `password`, each once.
    pub counters: Vec<String>,
    /// The number of requests to the phone that were not approved, by which the next one had to wait.
    pub requests: u64,
    /// Whether push was muted.
    pub was_muted: bool,
}

/// Deletes the counters of wrong passwords, codes and tickets of a person, from wherever they came, the requests that make
/// the next push request wait, and a mute of push.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; a fault when the database does not answer.
pub async fn unlock(app: &App, context: &RequestContext, person: PersonId) -> Result<Unlocked, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let mut keys = attempts::delete_of_person(&action.tx, person, Turn::BeforePerson).await?;
    lock(&action, person).await?;
    keys.extend(attempts::delete_of_person(&action.tx, person, Turn::AfterPerson).await?);
    let sent = challenges::list_since(&action.tx, person, context.now.plus_seconds(-HISTORY_SECONDS)).await?;
    let sent = sent.iter().map(|challenge| challenge.id()).collect();
    approvals::expire(app, &action.tx, sent, context).await?;
    let requests = challenges::delete_unapproved(&action.tx, person).await?;
    let was_muted = person_records::end_mute(&action.tx, person, context.now).await?;
    let event = AuditEvent::PersonUnlocked { counters: keys.len(), requests, was_muted };
    action.audit(&event, about(person)).await?;
    action.commit().await?;
    let mut counters: Vec<String> = keys.iter().map(|key| kind_of(key)).collect();
    counters.sort_unstable();
    counters.dedup();
    Ok(Unlocked { counters, requests, was_muted })
}

/// The kind of a counter: the beginning of its key.
fn kind_of(key: &str) -> String {
    key.split(':').next().unwrap_or_default().to_owned()
}
