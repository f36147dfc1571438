//! Reads the challenges that were sent to a device.

use crate::{app::App, clock::Timestamp, fault::Fault, storage::challenges};
use ::entity::ids::{AuthenticatorId, ChallengeId};

pub use crate::storage::challenges::{Challenge, ChallengeDevice};

/// Finds a challenge that was sent to `device`, with this device's part in it.
///
/// # Errors
/// When the database does not answer.
pub async fn find(
    app: &App,
    device: AuthenticatorId,
    id: ChallengeId,
) -> Result<Option<(Challenge, ChallengeDevice)>, Fault> {
    let Some(part) = challenges::find_device(&app.storage, id, device).await? else { return Ok(None) };
    Ok(challenges::find(&app.storage, id).await?.map(|challenge| (challenge, part)))
}

/// Lists the challenges that `device` can still answer, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list_open(app: &App, device: AuthenticatorId, now: Timestamp) -> Result<Vec<Challenge>, Fault> {
    let mut open = challenges::list_open(&app.storage, device, now).await?;
    open.reverse();
    Ok(open)
}
