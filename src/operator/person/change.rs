//! `countersign person set-password`, `disable`, `enable`, `sign-out` and `unlock`.

use super::open::open;
use crate::{
    actions::people::{self, Unlocked},
    cli::{ChangePerson, PersonSetPassword, WhichPerson},
    directory::Person,
    operator::{CommandError, confirmation::confirm, password::read_password, print_result},
};
use serde_json::{Value, json};

/// Sets a person's password, and ends everything but the devices.
///
/// # Errors
/// When the password breaks a rule, there is no such person, or the database cannot be used.
pub(super) async fn set_password(options: PersonSetPassword) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    let password = read_password(options.password_file.as_deref())?;
    let (app, context) = (&within.opened.app, &within.opened.context);
    people::set_password(app, context, (&within.pool, &person), &password, options.permanent).await?;
    let next = match options.permanent {
        true => "",
        false => " At the next sign-in another one is chosen.",
    };
    let done = format!("The password of {} is set. {0} is signed out everywhere.{next}", person.username);
    let must_change = json!({ "must_change": !options.permanent });
    print(&options.which, &person, &done, must_change);
    Ok(())
}

/// Disables a person, and ends everything.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn disable(options: ChangePerson) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    confirm(&format!("Disable {} and sign them out?", person.username), options.yes)?;
    let is_new = people::disable(&within.opened.app, &within.opened.context, person.id).await?;
    let done = match is_new {
        true => format!("{} is disabled and signed out everywhere.", person.username),
        false => format!("{} was disabled before.", person.username),
    };
    print(&options.which, &person, &done, json!({ "disabled": true, "changed": is_new }));
    Ok(())
}

/// Enables a person.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn enable(which: WhichPerson) -> Result<(), CommandError> {
    let (within, person) = open(&which).await?;
    let is_new = people::enable(&within.opened.app, &within.opened.context, person.id).await?;
    let done = match is_new {
        true => format!("{} may sign in again. Nothing that was ended came back.", person.username),
        false => format!("{} was not disabled.", person.username),
    };
    print(&which, &person, &done, json!({ "disabled": false, "changed": is_new }));
    Ok(())
}

/// Ends everything that a person was given.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn sign_out(options: ChangePerson) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    confirm(&format!("Sign {} out everywhere?", person.username), options.yes)?;
    people::sign_out(&within.opened.app, &within.opened.context, person.id).await?;
    let done = format!("{} is signed out everywhere.", person.username);
    print(&options.which, &person, &done, json!({}));
    Ok(())
}

/// Deletes what keeps a person out for a while.
///
/// # Errors
/// When there is no such person, or the database cannot be used.
pub(super) async fn unlock(which: WhichPerson) -> Result<(), CommandError> {
    let (within, person) = open(&which).await?;
    let unlocked = people::unlock(&within.opened.app, &within.opened.context, person.id).await?;
    let members = json!({
        "counters": unlocked.counters,
        "requests": unlocked.requests,
        "was_muted": unlocked.was_muted,
    });
    print(&which, &person, &in_words(&person, &unlocked), members);
    Ok(())
}

fn in_words(person: &Person, unlocked: &Unlocked) -> String {
    let mut deleted = Vec::new();
    if !unlocked.counters.is_empty() {
        deleted.push(format!("the counts of wrong answers ({})", unlocked.counters.join(", ")));
    }
    if unlocked.requests > 0 {
        deleted.push(format!("{} requests to the phone that were not approved", unlocked.requests));
    }
    if unlocked.was_muted {
        deleted.push("the mute of push".to_owned());
    }
    match deleted.is_empty() {
        true => format!("Nothing kept {} out.", person.username),
        false => format!("Deleted for {}: {}.", person.username, deleted.join("; ")),
    }
}

/// Prints the result in words, or as JSON with these members beside the person.
pub(super) fn print(which: &WhichPerson, person: &Person, done: &str, members: Value) {
    if !which.place.json {
        print_result(done);
        return;
    }
    let mut result = json!({ "sub": person.id, "username": person.username });
    if let (Some(result), Value::Object(members)) = (result.as_object_mut(), members) {
        result.extend(members);
    }
    print_result(&result.to_string());
}
