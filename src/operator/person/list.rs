//! `countersign person list`.

use super::{open::InPool, show::json_of};
use crate::{
    actions::people::{self, PersonRecord},
    cli::PersonList,
    directory::username_key,
    operator::{CommandError, lists::print_pages, times::shown},
};

/// Lists the people of a pool, by name.
///
/// # Errors
/// When there is no such pool, or the database cannot be used.
pub(super) async fn list(options: PersonList) -> Result<(), CommandError> {
    let within = InPool::open(&options.place).await?;
    let after = options.after.as_deref().unwrap_or_default();
    let first = username_key(after).unwrap_or_else(|_| after.to_lowercase());
    let read = async |last: Option<&PersonRecord>, limit: u64| {
        let after = last.map_or(first.as_str(), |last| last.username_key.as_str());
        Ok(people::list_page(&within.opened.app, &within.pool, after, limit).await?)
    };
    print_pages(options.limit, read, |record| match options.place.json {
        true => json_of(record, &within.pool).to_string(),
        false => line(record),
    })
    .await
}

fn line(record: &PersonRecord) -> String {
    let state = if record.person.is_disabled { "disabled" } else { "active" };
    let name = record.person.claims.name.as_deref().unwrap_or_default();
    let line = format!("{:<32}  {state:<8}  {}  {name}", record.person.username, shown(record.created_at));
    line.trim_end().to_owned()
}
