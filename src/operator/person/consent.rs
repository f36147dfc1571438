//! `countersign person revoke-consent`.

use super::{change::print, open::open};
use crate::{
    actions::{clients, consents},
    cli::PersonRevokeConsent,
    directory::ConsentRule,
    operator::{CommandError, confirmation::confirm},
};
use serde_json::json;

/// Takes back what a person has allowed an application.
///
/// # Errors
/// When there is no such person or application, or the database cannot be used.
pub(super) async fn revoke(options: PersonRevokeConsent) -> Result<(), CommandError> {
    let (within, person) = open(&options.change.which).await?;
    let (app, context) = (&within.opened.app, &within.opened.context);
    let client = clients::find(app, &context.tenant, &options.client_id).await?;
    let client = client.ok_or_else(|| {
        CommandError::new(format!("there is no application with the client id {}", options.client_id))
    })?;
    let (name, id) = (&person.username, &client.client_id);
    confirm(&format!("Take back what {name} has allowed {id}, and end its tokens?"), options.change.yes)?;
    let is_new = consents::revoke(app, context, (person.id, client.key)).await?;
    let next = match client.settings.consent {
        ConsentRule::Required => "The next sign-in asks again.",
        ConsentRule::Implied => "The next sign-in does not ask: the consent to this application is implied.",
    };
    let done = match is_new {
        true => format!("The consent of {name} to {id} is revoked, and the tokens for it have ended. {next}"),
        false => format!("{name} had allowed {id} nothing."),
    };
    print(&options.change.which, &person, &done, json!({ "client_id": id, "changed": is_new }));
    Ok(())
}
