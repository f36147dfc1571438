//! Makes tickets, and says when a person needs one.

use crate::{
    actions::{Action, ActionError, Conflict, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, about},
    clock::Timestamp,
    directory::{FirstDeviceRule, Person},
    factors::push::enrollment::{ACTIVATION_CODE_SYMBOLS, shown_code},
    fault::Fault,
    limits::lifetimes::TICKET_LIFETIME_SECONDS,
    storage::{
        authenticators, people, pools,
        tickets::{self, NewTicket},
    },
};
use ::entity::{
    enums::TicketKind,
    ids::{PersonId, TicketId},
};

/// A ticket as an operator passes it on; its code is never shown again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The code, as `XXXXX-XXXXX`.
    pub code: String,
    /// The time after which it is refused.
    pub expires_at: Timestamp,
}

/// Makes a ticket for a person, whose earlier tickets become void.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn create(action: &Action<'_>, person: PersonId) -> Result<Ticket, Fault> {
    let (app, now) = (action.app, action.context.now);
    let code = app.entropy.crockford(ACTIVATION_CODE_SYMBOLS);
    let expires_at = now.plus_seconds(TICKET_LIFETIME_SECONDS);
    let new = NewTicket {
        id: TicketId(app.entropy.id(now)),
        kind: TicketKind::Ticket,
        person,
        code_hash: code_hash(app, person, &code),
        expires_at,
    };
    tickets::replace_ticket(&action.tx, new, now).await?;
    action.audit(&AuditEvent::TicketCreated { until: expires_at.unix_seconds() }, about(person)).await?;
    Ok(Ticket { code: shown_code(&code), expires_at })
}

/// Makes a ticket for a person who needs one, for example because the hour of the last one has passed.
///
/// # Errors
/// [`ActionError::NotFound`] when the tenant has no such person; [`Conflict::TicketNotNeeded`]; a fault when the
/// database does not answer.
pub async fn create_for(
    app: &App,
    context: &RequestContext,
    person: PersonId,
) -> Result<Ticket, ActionError> {
    let action = Action::begin(app, context, Right::Host).await?;
    let person = people::lock(&action.tx, person).await?;
    let own = person.filter(|person| person.workspace_id == context.tenant.workspace.id);
    let person = own.ok_or(ActionError::NotFound)?;
    if !is_needed(&action, &person).await? {
        return Err(ActionError::Conflict(Conflict::TicketNotNeeded));
    }
    let ticket = create(&action, person.id).await?;
    action.commit().await?;
    Ok(ticket)
}

/// Whether the person has no second factor, and their first one needs a ticket.
async fn is_needed(action: &Action<'_>, person: &Person) -> Result<bool, Fault> {
    let tx = &action.tx;
    let rule = pools::get(tx, person.pool_id).await?.policy.first_device;
    let is_required = rule == FirstDeviceRule::Ticket || tickets::is_required(tx, person.id).await?;
    Ok(is_required && authenticators::list_active_or_suspended(tx, person.id).await?.is_empty())
}

/// After an authenticator was removed: where none is left, active or suspended, the person's first second factor needs
/// a ticket from now on. Returns whether that is so. The caller holds the person's row.
///
/// # Errors
/// When the database does not answer.
pub(in crate::actions) async fn require_after_removal(
    action: &Action<'_>,
    person: PersonId,
) -> Result<bool, Fault> {
    if !authenticators::list_active_or_suspended(&action.tx, person).await?.is_empty() {
        return Ok(false);
    }
    tickets::require(&action.tx, person, action.context.now).await?;
    Ok(true)
}

/// Hashes a code for storage, bound to its person; its 50 bits need a key.
pub(super) fn code_hash(app: &App, person: PersonId, code: &str) -> Vec<u8> {
    app.sealing.code_pepper().tag(&[b"ticket", person.0.as_bytes(), code.as_bytes()]).to_vec()
}
