//! What a signed-in person sees of their own account.

use super::{enrollment, people};
use crate::{
    app::{App, Tenant},
    clock::Timestamp,
    directory::Person,
    fault::Fault,
    storage::authenticators::{self, Authenticator},
};
use ::entity::ids::PersonId;

/// How far back the page names the changes of devices: thirty days.
const HISTORY_SECONDS: i64 = 30 * 24 * 3600;

/// A person's own account.
pub struct Account {
    /// The person.
    pub person: Person,
    /// The names of the active devices, oldest first.
    pub devices: Vec<String>,
    /// What has happened to the person's devices in the last thirty days, newest first.
    pub changes: Vec<DeviceHistory>,
    /// Whether the person may add another phone at the front page. The first phone is added by a sign-in that
    /// asks for one.
    pub may_add_phone: bool,
}

/// A device that was added or removed.
pub struct DeviceHistory {
    /// Its name.
    pub name: String,
    /// Whether it was removed; otherwise it was added.
    pub is_removed: bool,
    /// When.
    pub at: Timestamp,
}

/// Reads the account of a person of the tenant.
///
/// # Errors
/// When there is no such person, or the database does not answer.
pub async fn get(app: &App, tenant: &Tenant, id: PersonId, now: Timestamp) -> Result<Account, Fault> {
    let person = people::get(app, tenant, id).await?;
    let devices = authenticators::list_active(&app.storage, person.id).await?;
    let may_add_phone = !devices.is_empty() && enrollment::has_room(app, &app.storage, &person).await?;
    let devices = devices.into_iter().map(Authenticator::into_name).collect();
    let usable_once = authenticators::list_usable_once(&app.storage, person.id).await?;
    let changes = changes(&usable_once, now.plus_seconds(-HISTORY_SECONDS));
    Ok(Account { person, devices, changes, may_add_phone })
}

/// Derives the changes from the devices' own rows, of which a person has few.
fn changes(devices: &[Authenticator], since: Timestamp) -> Vec<DeviceHistory> {
    let change = |device: &Authenticator, is_removed, at| DeviceHistory {
        name: device.name().to_owned(),
        is_removed,
        at,
    };
    let added = devices.iter().map(|device| change(device, false, device.active_from()));
    let removed = devices.iter().filter_map(|device| Some(change(device, true, device.ended_at()?)));
    let mut changes: Vec<_> = added.chain(removed).filter(|change| change.at > since).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    changes
}
