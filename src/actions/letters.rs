//! Letters to people: queued in the transaction of the change that they tell of, and what follows their delivery.

use super::Action;
use crate::{
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    factors::push::{OutboxTransition, Transition},
    fault::Fault,
    limits::lifetimes::LETTER_LIFETIME_SECONDS,
    outbox::{EmailMessage, Finished, Letter},
    storage::{
        Transaction,
        outbox::{self, NewDelivery, Recipient},
        people, stored,
    },
};
use ::entity::{
    enums::OutboxState,
    ids::{OutboxId, PersonId},
};

/// Queues a letter to the address that the person's claims have now. Without a mail server, or without an address,
/// nothing is queued.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn queue(
    (app, tx, context): (&App, &Transaction, &RequestContext),
    person: PersonId,
    letter: Letter,
) -> Result<(), Fault> {
    if app.letters.is_none() {
        return Ok(());
    }
    let Some(person) = people::find(tx, person).await? else { return Ok(()) };
    let Some(address) = person.claims.email.filter(|address| !address.is_empty()) else { return Ok(()) };
    let delivery = NewDelivery {
        id: OutboxId(app.entropy.id(context.now)),
        workspace: person.workspace_id,
        recipient: Recipient::Email { address, person: person.id },
        challenge: None,
        payload: stored::write(&EmailMessage { letter })?,
        expires_at: context.now.plus_seconds(LETTER_LIFETIME_SECONDS),
        created_at: context.now,
    };
    outbox::queue(tx, delivery).await
}

/// Audits a letter that did not leave. The event has no address.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn after_delivery(
    action: &Action<'_>,
    person: PersonId,
    finished: &Finished,
) -> Result<(), Fault> {
    if finished.outcome.to() == OutboxState::Accepted || finished.outcome == OutboxTransition::Skip {
        return Ok(());
    }
    let event =
        AuditEvent::LetterFailed { letter: finished.letter.unwrap_or("unknown"), reason: finished.code };
    action.audit(&event, about(person)).await
}
