//! The state of a challenge for its browser: the stored state, with expiry applied.

use crate::{
    app::App,
    clock::Timestamp,
    signin::{load::LoadedSignIn, watch::Status},
    storage::{
        Executor, Fault,
        authenticators::{self, Authenticator},
        challenges::{self, Challenge},
    },
};
use ::entity::{enums::ChallengeState, ids::ChallengeId};
use serde::Serialize;

/// The JSON that a waiting page receives. `exp` is the expiry in Unix seconds.
#[derive(Serialize)]
struct StatusBody<'a> {
    v: i64,
    state: ChallengeState,
    device: Option<&'a str>,
    exp: i64,
}

/// Finds the newest challenge of this sign-in; `None` when there is none, or its approval has been consumed.
pub(super) async fn newest(db: &impl Executor, loaded: &LoadedSignIn) -> Result<Option<Challenge>, Fault> {
    if !loaded.is_stored() {
        return Ok(None);
    }
    let challenge = challenges::find_of_journey(db, loaded.stored.id).await?;
    Ok(challenge.filter(|challenge| challenge.stored_state() != ChallengeState::Consumed))
}

/// Returns the name of the device that answered, or else of the first that fetched the challenge.
pub(super) async fn device_name(db: &impl Executor, challenge: &Challenge) -> Result<Option<String>, Fault> {
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

/// Reads the status for a waiting page; `None` when the challenge does not exist.
pub(in crate::signin) async fn read(
    app: &App,
    id: ChallengeId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(challenge) = challenges::find(&app.storage, id).await? else { return Ok(None) };
    let (state, version) = (challenge.state_at(now), challenge.version_at(now));
    let device = device_name(&app.storage, &challenge).await?;
    let body = StatusBody {
        v: version,
        state,
        device: device.as_deref(),
        exp: challenge.expires_at().unix_seconds(),
    };
    let text = serde_json::to_string(&body)
        .map_err(|error| Fault::because("cannot serialize a challenge's status as JSON", error))?;
    // An approval is not final: it may still be reported, or expire before it is consumed.
    let is_over =
        !matches!(state, ChallengeState::Pending | ChallengeState::Delivered | ChallengeState::Approved);
    Ok(Some(Status { version, text, changes_at: challenge.ends_at().filter(|_| !is_over), is_over }))
}
