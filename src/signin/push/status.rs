//! A challenge as its browser sees it: what the row says, and what the passing of time has made of it.

use crate::{
    app::App,
    clock::Timestamp,
    signin::{load::LoadedSignIn, watch::Status},
    storage::{
        Executor, Fault, authenticators,
        challenges::{self, Challenge},
    },
};
use ::entity::{challenge::ChallengeState, ids::ChallengeId};
use serde::Serialize;

/// What a waiting page is told.
#[derive(Serialize)]
struct StatusBody<'a> {
    v: i64,
    state: ChallengeState,
    device: Option<&'a str>,
    exp: i64,
}

/// The newest challenge of this sign-in; `None` when there is none, or its approval has been used.
pub(super) async fn newest(db: &impl Executor, loaded: &LoadedSignIn) -> Result<Option<Challenge>, Fault> {
    if !loaded.is_stored() {
        return Ok(None);
    }
    let challenge = challenges::find_of_journey(db, loaded.stored.id).await?;
    Ok(challenge.filter(|challenge| challenge.state != ChallengeState::Consumed))
}

/// How a challenge stands at `now`: its time may be over although nobody has noted it.
pub(super) fn state_at(challenge: &Challenge, now: Timestamp) -> ChallengeState {
    if ends_at(challenge).is_some_and(|at| at <= now) { ChallengeState::Expired } else { challenge.state }
}

/// When it ends by itself.
fn ends_at(challenge: &Challenge) -> Option<Timestamp> {
    match challenge.state {
        ChallengeState::Pending | ChallengeState::Delivered => Some(challenge.expires_at),
        ChallengeState::Approved => Some(challenge.consume_by.unwrap_or(challenge.created_at)),
        _ => None,
    }
}

/// Its version at `now`; an end that nobody has noted counts as one more.
pub(super) fn version_at(challenge: &Challenge, now: Timestamp) -> i64 {
    if state_at(challenge, now) == challenge.state { challenge.version } else { challenge.version + 1 }
}

/// The name of the device that answered, or else of the first that fetched it.
pub(super) async fn device_name(db: &impl Executor, challenge: &Challenge) -> Result<Option<String>, Fault> {
    let device = match challenge.answered_by {
        Some(device) => Some(device),
        None if challenge.state == ChallengeState::Pending => None,
        None => {
            let devices = challenges::list_devices(db, challenge.id).await?;
            let delivered = devices.iter().filter(|device| device.delivered_at.is_some());
            delivered.min_by_key(|device| device.delivered_at).map(|device| device.authenticator_id)
        }
    };
    let Some(device) = device else { return Ok(None) };
    Ok(authenticators::find(db, device).await?.map(|device| device.name))
}

/// For a page that waits.
pub(in crate::signin) async fn read(
    app: &App,
    id: ChallengeId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(challenge) = challenges::find(&app.storage, id).await? else { return Ok(None) };
    let (state, version) = (state_at(&challenge, now), version_at(&challenge, now));
    let device = device_name(&app.storage, &challenge).await?;
    let body =
        StatusBody { v: version, state, device: device.as_deref(), exp: challenge.expires_at.unix_seconds() };
    let text = serde_json::to_string(&body)
        .map_err(|error| Fault::because("a challenge cannot be told as JSON", error))?;
    // An approval may still be reported, or go unused.
    let is_over =
        !matches!(state, ChallengeState::Pending | ChallengeState::Delivered | ChallengeState::Approved);
    Ok(Some(Status { version, text, changes_at: ends_at(&challenge).filter(|_| !is_over), is_over }))
}
