//! `countersign person ticket`, and the commands that print one: `reset-mfa`, `reset-push`, `remove-device`.

use super::open::open;
use crate::{
    actions::{
        ActionError,
        people::{self, Reset},
        tickets::{self, Ticket},
    },
    cli::{ChangePerson, PersonRemoveDevice, WhichPerson},
    directory::Person,
    operator::{CommandError, confirmation::confirm, opened::usage, print_result, times::shown},
};
use ::entity::ids::AuthenticatorId;
use serde_json::{Value, json};

/// Prints a ticket for the first phone of a person who needs one. An earlier one is void.
///
/// # Errors
/// When the person needs none, or the database cannot be used.
pub(super) async fn ticket(which: WhichPerson) -> Result<(), CommandError> {
    let (within, person) = open(&which).await?;
    let ticket = tickets::create_for(&within.opened.app, &within.opened.context, person.id).await?;
    print_result(&if which.place.json {
        let result = json!({ "sub": person.id, "username": person.username });
        with_ticket(result, Some(&ticket)).to_string()
    } else {
        lines(&format!("A ticket for {} was made; an earlier one is void.", person.username), Some(&ticket))
    });
    Ok(())
}

/// Removes every authenticator of a person except the password, and ends everything.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn reset_mfa(options: ChangePerson) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    let question = format!("Remove every authenticator of {} and sign them out?", person.username);
    confirm(&question, options.yes)?;
    let reset = people::reset_factors(&within.opened.app, &within.opened.context, person.id).await?;
    let done =
        format!("{} authenticators removed. {} is signed out everywhere.", reset.removed, person.username);
    print_reset(&options.which, &person, &reset, &done);
    Ok(())
}

/// Removes the phones of a person.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn reset_push(options: ChangePerson) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    confirm(&format!("Remove every phone of {}?", person.username), options.yes)?;
    let reset = people::reset_push(&within.opened.app, &within.opened.context, person.id).await?;
    let done = format!("{} phones of {} removed.", reset.removed, person.username);
    print_reset(&options.which, &person, &reset, &done);
    Ok(())
}

/// Removes one device of a person.
///
/// # Errors
/// When there is no such person or device, or the database cannot be used.
pub(super) async fn remove_device(options: PersonRemoveDevice) -> Result<(), CommandError> {
    let id: AuthenticatorId = options.device.parse().map_err(|error| usage(format!("DEVICE: {error}")))?;
    let (within, person) = open(&options.change.which).await?;
    confirm(&format!("Remove the device {id} of {}?", person.username), options.change.yes)?;
    let removed = people::remove_device(&within.opened.app, &within.opened.context, (person.id, id)).await;
    let reset = removed.map_err(|error| match error {
        ActionError::NotFound => CommandError::new(format!("{} has no device {id}", person.username)),
        error => error.into(),
    })?;
    print_reset(&options.change.which, &person, &reset, &format!("The device {id} was removed."));
    Ok(())
}

fn print_reset(which: &WhichPerson, person: &Person, reset: &Reset, done: &str) {
    print_result(&if which.place.json {
        let result = json!({ "sub": person.id, "username": person.username, "removed": reset.removed });
        with_ticket(result, reset.ticket.as_ref()).to_string()
    } else {
        lines(done, reset.ticket.as_ref())
    });
}

/// Adds a ticket to a result in JSON.
pub(super) fn with_ticket(mut result: Value, ticket: Option<&Ticket>) -> Value {
    if let (Some(ticket), Some(members)) = (ticket, result.as_object_mut()) {
        members.insert("ticket".to_owned(), ticket.code.as_str().into());
        members.insert("ticket_expires_at".to_owned(), shown(ticket.expires_at).into());
    }
    result
}

/// Adds a ticket to a result in words.
pub(super) fn lines(done: &str, ticket: Option<&Ticket>) -> String {
    let Some(ticket) = ticket else { return done.to_owned() };
    format!(
        "{done}\nThe next sign-in adds a phone, and asks for this ticket, once, until {}:\n\n  {}\n",
        shown(ticket.expires_at),
        ticket.code
    )
}
