//! How the challenge of a sign-in stands, for its page.

use super::PushHistory;
use crate::{
    actions::reported_source,
    app::{App, RequestContext},
    clock::Timestamp,
    directory::Person,
    factors::push::WithdrawalReason,
    fault::Fault,
    storage::{
        Executor,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge},
        people,
    },
};
use ::entity::{
    enums::ChallengeState,
    ids::{ChallengeId, JourneyId, PersonId},
};

/// Finds the newest challenge of a sign-in, whatever its state.
///
/// # Errors
/// When the database does not answer.
pub async fn find_of_sign_in(app: &App, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    challenges::find_of_journey(&app.storage, journey).await
}

/// Finds the newest challenge of a sign-in; `None` when there is none, or its approval has been consumed.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(app: &App, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    newest_in(&app.storage, journey).await
}

/// The same in a transaction.
pub(super) async fn newest_in(db: &impl Executor, journey: JourneyId) -> Result<Option<Challenge>, Fault> {
    let challenge = challenges::find_of_journey(db, journey).await?;
    Ok(challenge.filter(|challenge| challenge.stored_state() != ChallengeState::Consumed))
}

/// Finds the challenge that a page watches. The caller checked, when the wait began,
/// that it belongs to the sign-in of this browser; this function does not check it.
///
/// # Errors
/// When the database does not answer.
pub async fn find_watched(app: &App, id: ChallengeId) -> Result<Option<Challenge>, Fault> {
    challenges::find(&app.storage, id).await
}

/// Reads the person who is asked, and the input of the push limits.
///
/// # Errors
/// When the person does not exist, or the database does not answer.
pub async fn person_and_history(
    app: &App,
    person: PersonId,
    now: Timestamp,
) -> Result<(Person, PushHistory), Fault> {
    let person = people::get(&app.storage, person).await?;
    let history = PushHistory::load(&app.storage, &person, now).await?;
    Ok((person, history))
}

/// Returns the end of the block of a reported source, if no request from there is sent to the person's devices
/// now.
///
/// # Errors
/// When the database does not answer.
pub async fn source_blocked_until(
    app: &App,
    context: &RequestContext,
    person: PersonId,
) -> Result<Option<Timestamp>, Fault> {
    let key = reported_source::key(&person.to_string(), context.rate_limit_prefix());
    Ok(reported_source::check(&app.storage, &key, context.now).await?.err())
}

/// Returns the names of the devices that were asked by `challenge`, or would be asked without one.
///
/// # Errors
/// When the database does not answer.
pub async fn device_names(
    app: &App,
    person: &Person,
    challenge: Option<&Challenge>,
) -> Result<Vec<String>, Fault> {
    let mut devices = authenticators::list_active(&app.storage, person.id).await?;
    devices.retain(Authenticator::is_phone);
    match challenge {
        Some(challenge) => {
            let asked = challenges::list_devices(&app.storage, challenge.id()).await?;
            devices.retain(|device| asked.iter().any(|asked| asked.authenticator_id == device.id()));
        }
        None => {
            let policy = &app.directory.of(person.workspace_id).pool(person.pool_id).await?.policy.push;
            devices.truncate(usize::from(policy.fanout));
        }
    }
    Ok(devices.into_iter().map(Authenticator::into_name).collect())
}

/// Returns the name of the device that answered, or else of the first that fetched the challenge.
///
/// # Errors
/// When the database does not answer.
pub async fn device_name(app: &App, challenge: &Challenge) -> Result<Option<String>, Fault> {
    let device = match challenge.answered_by() {
        Some(device) => Some(device),
        None if challenge.stored_state() == ChallengeState::Pending => None,
        None => {
            let devices = challenges::list_devices(&app.storage, challenge.id()).await?;
            let delivered = devices.iter().filter(|device| device.delivered_at.is_some());
            delivered.min_by_key(|device| device.delivered_at).map(|device| device.authenticator_id)
        }
    };
    let Some(device) = device else { return Ok(None) };
    Ok(authenticators::find(&app.storage, device).await?.map(Authenticator::into_name))
}

/// Returns whether the device that answered is still active.
///
/// # Errors
/// When the database does not answer.
pub async fn is_device_active(app: &App, challenge: &Challenge) -> Result<bool, Fault> {
    has_active_device(&app.storage, challenge).await
}

/// The same in a transaction.
pub(super) async fn has_active_device(db: &impl Executor, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(device) = challenge.answered_by() else { return Ok(false) };
    let device = authenticators::find(db, device).await?;
    Ok(device.is_some_and(|device| device.is_active() && device.is_phone()))
}

/// Returns whether a challenge ended because its phone was removed or suspended. Its page explains that
/// before the sign-in continues with another factor.
///
/// # Errors
/// When the database does not answer.
pub async fn has_lost_its_phone(app: &App, challenge: Option<&Challenge>) -> Result<bool, Fault> {
    let Some(challenge) = challenge else { return Ok(false) };
    match challenge.stored_state() {
        ChallengeState::Approved => Ok(!is_device_active(app, challenge).await?),
        ChallengeState::Superseded => {
            let lost = [WithdrawalReason::DeviceRemoved, WithdrawalReason::DeviceSuspended];
            Ok(challenge.withdrawal_reason().is_some_and(|reason| lost.contains(&reason)))
        }
        _ => Ok(false),
    }
}
