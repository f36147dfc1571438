//! `countersign person add` and `countersign person invite`.

use super::{open::InPool, ticket};
use crate::{
    actions::{
        invitations,
        people::{self, NewPerson},
    },
    cli::{PersonAdd, PersonInvite, Profile},
    http::urls::Path,
    operator::{CommandError, password::read_password, print_result, times::shown},
};
use serde_json::json;

/// Adds a person, and prints the ticket for the first phone where the pool requires one.
///
/// # Errors
/// When an option or the password is not valid, the name is taken, or the database cannot be used.
pub(super) async fn add(options: PersonAdd) -> Result<(), CommandError> {
    let within = InPool::open(&options.which.place).await?;
    let password = read_password(options.password_file.as_deref())?;
    let new = new_person(&options.which.username, &options.profile, &password);
    let (app, context) = (&within.opened.app, &within.opened.context);
    let (person, ticket) = people::add(app, context, &within.pool, &new).await?;
    print_result(&if options.which.place.json {
        let result = json!({ "sub": person.id, "username": person.username, "pool": within.pool.slug });
        ticket::with_ticket(result, ticket.as_ref()).to_string()
    } else {
        let first = format!("{} can sign in. The first time, a phone is added.", person.username);
        ticket::lines(&first, ticket.as_ref())
    });
    Ok(())
}

/// Adds a person without a password, and prints the link by which they set one.
///
/// # Errors
/// When an option is not valid, the name is taken, or the database cannot be used.
pub(super) async fn invite(options: PersonInvite) -> Result<(), CommandError> {
    let within = InPool::open(&options.which.place).await?;
    let new = new_person(&options.which.username, &options.profile, "");
    let (app, context) = (&within.opened.app, &within.opened.context);
    let (person, invitation) = invitations::invite(app, context, &within.pool, &new).await?;
    let urls = &context.tenant.urls;
    let link = urls.at_with(Path::SigninInvitation, [("token", invitation.token.as_str())]);
    print_result(&if options.which.place.json {
        let result = json!({
            "sub": person.id,
            "username": person.username,
            "pool": within.pool.slug,
            "url": link,
            "expires_at": shown(invitation.expires_at),
        });
        ticket::with_ticket(result, invitation.ticket.as_ref()).to_string()
    } else {
        let first = format!(
            "{} sets a password by this link, once, until {}:\n\n  {link}\n",
            person.username,
            shown(invitation.expires_at)
        );
        ticket::lines(&first, invitation.ticket.as_ref())
    });
    Ok(())
}

fn new_person<'a>(username: &'a str, profile: &'a Profile, password: &'a str) -> NewPerson<'a> {
    NewPerson {
        username,
        name: profile.name.as_deref().unwrap_or_default(),
        email: profile.email.as_deref().unwrap_or_default(),
        password,
    }
}
