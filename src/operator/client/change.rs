//! `countersign client disable`, `enable` and `delete`.

use super::open::open;
use crate::{
    actions::clients,
    cli::{ChangeClient, WhichClient},
    operator::{
        CommandError,
        confirmation::{confirm, confirm_name},
        print_result,
    },
};
use serde_json::{Value, json};

/// Refuses an application everywhere, and ends all of its codes and tokens.
///
/// # Errors
/// When there is no such application, or the database cannot be used.
pub(super) async fn disable(options: ChangeClient) -> Result<(), CommandError> {
    let (opened, client) = open(&options.which).await?;
    let question = format!("Disable {} and end all of its tokens?", client.name);
    confirm(&question, options.yes)?;
    let is_new = clients::disable(&opened.app, &opened.context, client.key).await?;
    let done = match is_new {
        true => format!("{} is disabled. All of its codes and tokens have ended.", client.client_id),
        false => format!("{} was disabled before.", client.client_id),
    };
    let result = json!({ "client_id": client.client_id, "disabled": true, "changed": is_new });
    print(&options.which, &done, &result);
    Ok(())
}

/// Serves a disabled application again.
///
/// # Errors
/// When there is no such application, or the database cannot be used.
pub(super) async fn enable(which: WhichClient) -> Result<(), CommandError> {
    let (opened, client) = open(&which).await?;
    let is_new = clients::enable(&opened.app, &opened.context, client.key).await?;
    let done = match is_new {
        true => format!("{} is enabled. Nothing that was ended came back.", client.client_id),
        false => format!("{} was not disabled.", client.client_id),
    };
    let result = json!({ "client_id": client.client_id, "disabled": false, "changed": is_new });
    print(&which, &done, &result);
    Ok(())
}

/// Deletes an application for good; asks for the client id.
///
/// # Errors
/// When another id is typed, there is no such application, or the database cannot be used.
pub(super) async fn delete(options: ChangeClient) -> Result<(), CommandError> {
    let (opened, client) = open(&options.which).await?;
    let question =
        format!("This deletes {} for good. Type the client id {} to confirm:", client.name, client.client_id);
    confirm_name(&question, &client.client_id, options.yes)?;
    clients::delete(&opened.app, &opened.context, client.key).await?;
    let done =
        format!("{} is deleted. The audit events stay, under the id {}.", client.client_id, client.key);
    print(&options.which, &done, &json!({ "client_id": client.client_id, "deleted": true }));
    Ok(())
}

fn print(which: &WhichClient, done: &str, result: &Value) {
    print_result(&if which.json { result.to_string() } else { done.to_owned() });
}
