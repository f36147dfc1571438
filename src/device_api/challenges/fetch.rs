//! Returns a challenge to the device that fetches it.

use super::{advice::advice, unknown};
use crate::{
    actions::approvals,
    app::App,
    device_api::{
        action_error::refused,
        device_request::{ActiveOnly, DeviceRequest},
        enrollments::verifier,
        policy,
        uv_credential::credential_of,
    },
    directory::UserVerification,
    factors::push::is_open,
    storage::{
        Fault, challenges,
        challenges::{Challenge, ChallengeDevice},
    },
};
use ::entity::{enums::ChallengeState, ids::ChallengeId};
use poem_openapi::{Object, types::Any};
use serde_json::Value;

/// A challenge as the device fetches it.
#[derive(Object)]
pub struct FetchedChallenge {
    /// `ch_…`
    cid: String,
    /// The state of the challenge.
    state: String,
    /// Expiry, in Unix seconds.
    exp: i64,
    /// JSON text, hashed as it stands; null once the challenge has ended.
    #[oai(nullable)]
    details: Option<String>,
    /// This device's nonce; null once the challenge has ended.
    #[oai(nullable)]
    chn: Option<String>,
    /// Number of digits to type.
    number_digits: i32,
    /// The required user verification; null once the challenge has ended.
    #[oai(nullable)]
    uv: Option<UserVerificationWanted>,
    /// The actions that an answer may have.
    actions: Vec<String>,
    /// Warnings about this request, not signed.
    advice: Vec<String>,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// The required user verification.
#[derive(Object)]
struct UserVerificationWanted {
    /// `required`, `preferred` or `off`.
    requirement: String,
    /// `PublicKeyCredentialRequestOptionsJSON` without `challenge`, or null.
    #[oai(nullable)]
    options: Option<Any<Value>>,
}

/// Returns the challenge as this device sees it; records the first fetch.
pub async fn fetch(
    app: &App,
    request: &DeviceRequest<ActiveOnly>,
    id: &str,
) -> poem::Result<FetchedChallenge> {
    let (device, now) = (&request.device, request.context.now);
    let id: ChallengeId = id.parse().map_err(|_| unknown())?;
    let targeted = challenges::find_device(&app.storage, id, device.id()).await?.ok_or_else(unknown)?;
    let mut challenge = challenges::find(&app.storage, id).await?.ok_or_else(unknown)?;
    if targeted.delivered_at.is_none() && is_open(challenge.state_at(now)) {
        approvals::deliver(app, &request.context, &challenge, device).await.map_err(refused)?;
        challenge = challenges::find(&app.storage, id).await?.ok_or_else(unknown)?;
    }
    Ok(shown(app, request, &challenge, targeted).await?)
}

async fn shown(
    app: &App,
    request: &DeviceRequest<ActiveOnly>,
    challenge: &Challenge,
    targeted: ChallengeDevice,
) -> Result<FetchedChallenge, Fault> {
    let now = request.context.now;
    let state = challenge.state_at(now);
    let actions: &[&str] = match state {
        ChallengeState::Pending | ChallengeState::Delivered => &["approve", "deny", "report"],
        ChallengeState::Approved => &["report"],
        _ => &[],
    };
    let is_alive = !actions.is_empty();
    let advice = if is_alive { advice(app, challenge, &request.context) } else { Vec::new() };
    Ok(FetchedChallenge {
        cid: challenge.id().to_string(),
        state: state.as_str().to_owned(),
        exp: challenge.expires_at().unix_seconds(),
        details: is_alive.then(|| challenge.details().to_owned()),
        chn: is_alive.then_some(targeted.nonce),
        number_digits: challenge.digits(),
        uv: if is_alive { Some(wanted(app, request).await?) } else { None },
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        advice: advice.into_iter().map(str::to_owned).collect(),
        server_time: now.unix_seconds(),
    })
}

async fn wanted(app: &App, request: &DeviceRequest<ActiveOnly>) -> Result<UserVerificationWanted, Fault> {
    let requirement = app.directory.pool(request.person.pool_id).await?.policy.push.user_verification;
    let options = match (requirement, credential_of(&request.device)?, verifier(app).await?) {
        (UserVerification::Required | UserVerification::Preferred, Some(credential), Some(verifier)) => {
            verifier.request_options(&credential).ok()
        }
        _ => None,
    };
    Ok(UserVerificationWanted {
        requirement: policy::word(requirement).to_owned(),
        options: options.map(Any),
    })
}
