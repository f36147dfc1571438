//! How the challenge of a sign-in stands.

use crate::{
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{
        Executor,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge},
    },
};
use ::entity::{enums::ChallengeState, ids::JourneyId};

/// Finds the newest challenge of a sign-in; `None` when there is none, or its approval has been consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(db: &impl Executor, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    let challenge = challenges::find_of_journey(db, journey).await?;
    Ok(challenge.filter(|challenge| challenge.stored_state() != ChallengeState::Consumed))
}

/// Returns the name of the device that answered, or else of the first that fetched the challenge.
///
/// # Errors
/// When the database does not answer.
pub async fn device_name(db: &impl Executor, challenge: &Challenge) -> Result<Option<String>, Fault> {
    let device = match challenge.answered_by() {
        Some(device) => Some(device),
        None if challenge.stored_state() == ChallengeState::Pending => None,
        None => {
            let devices = challenges::list_devices(db, challenge.id()).await?;
            let delivered = devices.iter().filter(|device| device.delivered_at.is_some());
            delivered.min_by_key(|device| device.delivered_at).map(|device| device.authenticator_id)
        }
    };
    let Some(device) = device else { return Ok(None) };
    Ok(authenticators::find(db, device).await?.map(Authenticator::into_name))
}

/// Returns whether the device that answered is still active.
///
/// # Errors
/// When the database does not answer.
pub async fn is_device_active(db: &impl Executor, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(device) = challenge.answered_by() else { return Ok(false) };
    let device = authenticators::find(db, device).await?;
    Ok(device.is_some_and(|device| device.is_active() && device.is_phone()))
}

/// Returns whether a challenge ended because its phone was removed or suspended. Its page explains that
/// before the sign-in continues with another factor.
///
/// # Errors
/// When the database does not answer.
pub async fn has_lost_its_phone(db: &impl Executor, challenge: Option<&Challenge>) -> Result<bool, Fault> {
    let Some(challenge) = challenge else { return Ok(false) };
    match challenge.stored_state() {
        ChallengeState::Approved => Ok(!is_device_active(db, challenge).await?),
        ChallengeState::Superseded => {
            let lost = [WithdrawalReason::DeviceRemoved, WithdrawalReason::DeviceSuspended];
            Ok(challenge.withdrawal_reason().is_some_and(|reason| lost.contains(&reason)))
        }
        _ => Ok(false),
    }
}
