//! What a signed-in person sees of their own account.

use super::{enrollment, people};
use crate::{
    app::{App, Tenant},
    directory::Person,
    fault::Fault,
    storage::authenticators::{self, Authenticator},
};
use ::entity::ids::PersonId;

/// A person's own account.
pub struct Account {
    /// The person.
    pub person: Person,
    /// The names of the active devices, oldest first.
    pub devices: Vec<String>,
    /// Whether the person may add another phone at the front page. The first phone is added by a sign-in that
    /// asks for one.
    pub may_add_phone: bool,
}

/// Reads the account of a person of the tenant.
///
/// # Errors
/// When there is no such person, or the database does not answer.
pub async fn get(app: &App, tenant: &Tenant, id: PersonId) -> Result<Account, Fault> {
    let person = people::get(app, tenant, id).await?;
    let devices = authenticators::list_active(&app.storage, person.id).await?;
    let may_add_phone = !devices.is_empty() && enrollment::has_room(app, &app.storage, &person).await?;
    let devices = devices.into_iter().map(Authenticator::into_name).collect();
    Ok(Account { person, devices, may_add_phone })
}
