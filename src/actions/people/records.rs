//! Reads people as operators see them.

use crate::{
    actions::devices::Authenticator,
    app::{App, Tenant},
    clock::Timestamp,
    directory::Pool,
    fault::Fault,
    storage::{attempts, authenticators, person_records},
};
use ::entity::ids::PersonId;

pub use crate::storage::person_records::PersonRecord;

/// A person with what is known about the account now.
#[derive(Clone, Debug)]
pub struct PersonView {
    /// The person.
    pub record: PersonRecord,
    /// The authenticators that are not removed.
    pub devices: Vec<Authenticator>,
    /// The number of live sessions.
    pub sessions: u64,
    /// The kind and the end of each lockout that holds now.
    pub locks: Vec<(String, Timestamp)>,
}

/// Reads the tenant's person with this id; `None` when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn view(
    app: &App,
    tenant: &Tenant,
    id: PersonId,
    now: Timestamp,
) -> Result<Option<PersonView>, Fault> {
    let found = person_records::find(&app.storage, id).await?;
    let own = found.filter(|record| record.person.workspace_id == tenant.workspace.id);
    let Some(record) = own else { return Ok(None) };
    let counters = attempts::list_of_person(&app.storage, id).await?;
    let locks = counters.into_iter().filter_map(|(key, count)| {
        let until = count.check(now).err()?;
        Some((key.split(':').next().unwrap_or_default().to_owned(), until))
    });
    let mut locks: Vec<_> = locks.collect();
    locks.sort();
    Ok(Some(PersonView {
        record,
        devices: authenticators::list_not_revoked(&app.storage, id).await?,
        sessions: person_records::count_live_sessions(&app.storage, id, now).await?,
        locks,
    }))
}

/// Lists the people of a pool after the name with the key `after`, in the order of the keys, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn list_page(app: &App, pool: &Pool, after: &str, limit: u64) -> Result<Vec<PersonRecord>, Fault> {
    person_records::list_page(&app.storage, pool.id, after, limit).await
}
