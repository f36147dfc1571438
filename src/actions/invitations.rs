//! Invitations: a link by which a person sets their first password. An operator makes it; it is redeemed once, and the
//! browser that redeemed it chooses the password.

use super::{
    Action, ActionError, Conflict, Right,
    ending::Ending,
    new_password,
    people::{self, NewPerson},
    tickets::Ticket,
};
use crate::{
    app::{App, RequestContext, Tenant},
    audit::{Actor, AuditEvent, about},
    clock::Timestamp,
    digest::sha256,
    directory::{Person, Pool},
    fault::Fault,
    limits::lifetimes::INVITATION_LIFETIME_SECONDS,
    storage::{
        self,
        tickets::{self, NewTicket},
    },
};
use ::entity::{
    enums::TicketKind,
    ids::{PersonId, TicketId},
};

/// An invitation; its token is never shown again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The token of the link.
    pub token: String,
    /// The time after which it is refused.
    pub expires_at: Timestamp,
    /// The ticket for the first device, where the pool requires one.
    pub ticket: Option<Ticket>,
}

/// Adds a person to `pool` without a password, and makes the invitation by which they set one. A person of the pool who
/// has no password yet is invited again, and the earlier link becomes void. The password of `new` is not read.
///
/// # Errors
/// [`ActionError::Invalid`] with the problem of each field; [`Conflict::UsernameTaken`] by a person with a password, or
/// one who is disabled; a fault when the database does not answer.
pub async fn invite(
    app: &App,
    context: &RequestContext,
    pool: &Pool,
    new: &NewPerson<'_>,
) -> Result<(Person, Invitation), ActionError> {
    let problems = new.problems_but_password();
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let action = Action::begin(app, context, Right::Host).await?;
    let known = storage::people::find_by_username(&action.tx, pool.id, new.username).await?;
    let person = match known.filter(may_be_invited) {
        Some(person) => person,
        None => people::insert(&action, pool, new.username, None, new.claims()).await?,
    };
    let (token, expires_at) = (app.entropy.secret(), context.now.plus_seconds(INVITATION_LIFETIME_SECONDS));
    let row = NewTicket {
        id: TicketId(app.entropy.id(context.now)),
        kind: TicketKind::Invitation,
        person: person.id,
        code_hash: token_hash(&token),
        expires_at,
    };
    tickets::replace_ticket(&action.tx, row, context.now).await?;
    let event = AuditEvent::PersonInvited { until: expires_at.unix_seconds() };
    action.audit(&event, about(person.id)).await?;
    let ticket = people::first_ticket(&action, pool, person.id).await?;
    action.commit().await?;
    Ok((person, Invitation { token, expires_at, ticket }))
}

/// Finds the person whom an open invitation with this token invites. Takes nothing, because mail scanners and link
/// previews open links too.
///
/// # Errors
/// When the database does not answer.
pub async fn find(app: &App, tenant: &Tenant, token: &str, now: Timestamp) -> Result<Option<Person>, Fault> {
    let Some(person) = tickets::find_invited(&app.storage, &token_hash(token), now).await? else {
        return Ok(None);
    };
    find_person(app, tenant, person).await
}

/// Finds the tenant's person with this id, if they may set a first password.
///
/// # Errors
/// When the database does not answer.
pub async fn find_person(app: &App, tenant: &Tenant, id: PersonId) -> Result<Option<Person>, Fault> {
    let found = storage::people::find(&app.storage, id).await?;
    Ok(found.filter(|person| person.workspace_id == tenant.workspace.id && may_be_invited(person)))
}

/// Redeems the invitation with this token; at most one caller gets it with its person.
///
/// # Errors
/// [`ActionError::NotFound`] for a token that is unknown, used or too old, or of a person who has a password or is
/// disabled; a fault when the database does not answer.
pub async fn redeem(
    app: &App,
    context: &RequestContext,
    token: &str,
) -> Result<(TicketId, Person), ActionError> {
    let action = Action::begin(app, context, Right::Anyone).await?;
    let hash = token_hash(token);
    let invited = tickets::find_invited(&action.tx, &hash, context.now).await?;
    let invited = invited.ok_or(ActionError::NotFound)?;
    // The person's row comes first, as in everything that voids invitations.
    let person = storage::people::lock(&action.tx, invited).await?;
    let own =
        person.filter(|person| person.workspace_id == context.tenant.workspace.id && may_be_invited(person));
    let person = own.ok_or(ActionError::NotFound)?;
    let redeemed = tickets::redeem_invitation(&action.tx, &hash, context.now).await?;
    let invitation = redeemed.ok_or(ActionError::NotFound)?;
    action.audit(&AuditEvent::InvitationRedeemed, about(person.id)).await?;
    action.commit().await?;
    Ok((invitation, person))
}

/// Why a first password is not taken, as a sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRefusal {
    /// The sentence.
    pub sentence: String,
    /// Whether it is about the repetition.
    pub is_about_repetition: bool,
}

/// Sets the first password of `person`, whose `invitation` this browser has redeemed. The inner error is for the person.
///
/// # Errors
/// [`Conflict::HasPassword`] when another request was faster, or the invitation was voided meanwhile; [`ActionError::Overloaded`] when the queue of password hashes
/// is full; a fault when the database does not answer.
pub async fn set_password(
    app: &App,
    context: &RequestContext,
    (invitation, person): (TicketId, &Person),
    typed: (&str, &str),
) -> Result<Result<(), PasswordRefusal>, ActionError> {
    let replacement = match new_password::prepare(app, context, person, typed).await? {
        Ok(replacement) => replacement,
        Err(refusal) => {
            let is_about_repetition = refusal.is_about_repetition();
            return Ok(Err(PasswordRefusal { sentence: refusal.to_string(), is_about_repetition }));
        }
    };
    let context = context.by(Actor::Person(person.id));
    let action = Action::begin(app, &context, Right::Person(person.id)).await?;
    let locked = storage::people::lock(&action.tx, person.id).await?;
    let may_set = locked.as_ref().is_some_and(may_be_invited)
        && tickets::use_invitation(&action.tx, invitation, person.id, context.now).await?;
    if !may_set || !new_password::replace(&Ending::of(&action), &replacement, None, about(person.id)).await? {
        return Err(ActionError::Conflict(Conflict::HasPassword));
    }
    action.commit().await?;
    Ok(Ok(()))
}

fn may_be_invited(person: &Person) -> bool {
    person.password_hash.is_none() && !person.is_disabled
}

/// Returns the fewest characters of the person's password.
///
/// # Errors
/// When the database does not answer.
pub async fn least_password_chars(app: &App, person: &Person) -> Result<usize, Fault> {
    let pool = app.directory.of(person.workspace_id).pool(person.pool_id).await?;
    Ok(new_password::protects(&pool).least_chars())
}

/// Hashes a token for storage; its 256 bits need no key.
fn token_hash(token: &str) -> Vec<u8> {
    sha256(token).to_vec()
}
