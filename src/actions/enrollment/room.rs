//! Whether a person may have another device.

use crate::{
    app::App,
    directory::Person,
    fault::Fault,
    storage::{Executor, authenticators},
};

/// Returns whether the person has fewer devices than the policy of their pool allows.
///
/// # Errors
/// When the database does not answer.
pub async fn has_room(app: &App, db: &impl Executor, person: &Person) -> Result<bool, Fault> {
    let max_devices = app.directory.of(person.workspace_id).pool(person.pool_id).await?.policy.push.devices;
    let devices = authenticators::list_active_or_suspended(db, person.id).await?;
    Ok(devices.len() < usize::from(max_devices))
}
