//! `countersign person delete`.

use super::open::open;
use crate::{
    actions::people,
    cli::PersonDelete,
    operator::{CommandError, confirmation::confirm_name, print_result},
};
use serde_json::json;

/// Deletes a person for good; asks for the name.
///
/// # Errors
/// When another name is typed, there is no such person, or the database cannot be used.
pub(super) async fn delete(options: PersonDelete) -> Result<(), CommandError> {
    let (within, person) = open(&options.which).await?;
    let question = format!(
        "This deletes {} of the pool {} for good. Type the name to confirm:",
        person.username, within.pool.slug
    );
    confirm_name(&question, &person.username, options.yes)?;
    people::delete(&within.opened.app, &within.opened.context, person.id).await?;
    print_result(&if options.which.place.json {
        json!({ "sub": person.id, "username": person.username, "deleted": true }).to_string()
    } else {
        format!("{} is deleted. The audit events stay, under the id {}.", person.username, person.id)
    });
    Ok(())
}
