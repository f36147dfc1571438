//! The state of a challenge for its browser: the stored state, with expiry applied.

use crate::{
    actions::approvals::{device_name, find_watched},
    app::App,
    clock::Timestamp,
    fault::Fault,
    signin::status::Status,
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

/// Reads the status for a waiting page; `None` when the challenge does not exist.
pub(in crate::signin) async fn read(
    app: &App,
    id: ChallengeId,
    now: Timestamp,
) -> Result<Option<Status>, Fault> {
    let Some(challenge) = find_watched(app, id).await? else { return Ok(None) };
    let (state, version) = (challenge.state_at(now), challenge.version_at(now));
    let device = device_name(app, &challenge).await?;
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
