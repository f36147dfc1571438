//! Returns a challenge to the device that fetches it.

use super::state::{advice, unknown};
use crate::{
    actions::{
        approvals::{self, Challenge, ChallengeDevice},
        enrollment::verifier,
    },
    app::App,
    device_api::{
        action_error::refused,
        device_request::{ActiveOnly, DeviceRequest},
        uv_credential::credential_of,
        words::{self, AnswerAction, UvRequirement},
    },
    directory::UserVerification,
    factors::push::is_open,
    fault::Fault,
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
    state: words::ChallengeState,
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
    actions: Vec<AnswerAction>,
    /// Warnings about this request, not signed.
    advice: Vec<String>,
    /// The server's time, in Unix seconds.
    server_time: i64,
}

/// The required user verification.
#[derive(Object)]
struct UserVerificationWanted {
    /// `required`, `preferred` or `off`.
    requirement: UvRequirement,
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
    let (mut challenge, targeted) = approvals::find(app, device.id(), id).await?.ok_or_else(unknown)?;
    if targeted.delivered_at.is_none() && is_open(challenge.state_at(now)) {
        challenge = approvals::deliver(app, &request.context, &challenge, device).await.map_err(refused)?;
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
    let actions = match state {
        ChallengeState::Pending | ChallengeState::Delivered => {
            vec![AnswerAction::Approve, AnswerAction::Deny, AnswerAction::Report]
        }
        ChallengeState::Approved => vec![AnswerAction::Report],
        ChallengeState::Consumed if !challenge.is_reported_late() => vec![AnswerAction::Report],
        _ => Vec::new(),
    };
    let is_alive = !actions.is_empty();
    let advice = if is_alive { advice(app, challenge, &request.context) } else { Vec::new() };
    Ok(FetchedChallenge {
        cid: challenge.id().to_string(),
        state: state.into(),
        exp: challenge.expires_at().unix_seconds(),
        details: is_alive.then(|| challenge.details().to_owned()),
        chn: is_alive.then_some(targeted.nonce),
        number_digits: challenge.digits(),
        uv: if is_alive { Some(wanted(app, request).await?) } else { None },
        actions,
        advice: advice.into_iter().map(str::to_owned).collect(),
        server_time: now.unix_seconds(),
    })
}

async fn wanted(app: &App, request: &DeviceRequest<ActiveOnly>) -> Result<UserVerificationWanted, Fault> {
    let requirement =
        request.context.tenant.directory.pool(request.person.pool_id).await?.policy.push.user_verification;
    let options = match (requirement, credential_of(&request.device)?, verifier(app, &request.context.tenant))
    {
        (UserVerification::Required | UserVerification::Preferred, Some(credential), Some(verifier)) => {
            verifier.request_options(&credential).ok()
        }
        _ => None,
    };
    Ok(UserVerificationWanted { requirement: requirement.into(), options: options.map(Any) })
}
