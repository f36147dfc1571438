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

/// A change of a device.
pub struct DeviceHistory {
    /// Its name.
    pub name: String,
    /// What has happened.
    pub event: DeviceEvent,
    /// When.
    pub at: Timestamp,
}

/// What has happened to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// It was added.
    Added,
    /// Its key was replaced, the last time.
    KeyReplaced,
    /// It was removed.
    Removed,
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
    let of_device = |device: &Authenticator| {
        let times = [
            (DeviceEvent::Added, Some(device.active_from())),
            (DeviceEvent::KeyReplaced, device.key_replaced_at()),
            (DeviceEvent::Removed, device.ended_at()),
        ];
        let change = |event, at| DeviceHistory { name: device.name().to_owned(), event, at };
        times.map(|(event, at)| Some(change(event, at?)))
    };
    let changes = devices.iter().flat_map(of_device).flatten();
    let mut changes: Vec<_> = changes.filter(|change| change.at > since).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    changes
}
