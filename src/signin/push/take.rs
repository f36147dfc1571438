//! Consumes an approval, only in the browser that began the sign-in.

use super::status;
use crate::{
    app::App,
    audit::AuditEvent,
    directory::FactorKind,
    factors::{KeyProtection, push::ConsumedApproval},
    http::urls::Path,
    journey::{Event, SignInFailure},
    signin::{
        form::{Decision, Form},
        identifier::handles,
        load::{Loaded, LoadedSignIn},
        page,
        settle::{apply_event, error_of, go_to_step, subject},
        visit::Visit,
    },
    storage::{
        Executor, Fault, authenticators,
        challenges::{self, Challenge},
    },
};
use ::entity::challenge::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles "Continue", pressed by the person or sent by the page's script, and "Cancel".
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let form = Form::read(app, &visit, request, &body).await?;
    let loaded = match LoadedSignIn::find(app, &visit, handles(&form)).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return leave(app, &loaded, form.decision()).await,
    };
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &visit, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let newest = status::newest(&app.storage, &loaded).await?;
    if !loaded.step(&visit).asks_for(FactorKind::Push) {
        return match has_lost_its_phone(&app.storage, newest.as_ref()).await? {
            true => page::see_other(&loaded.at(Path::SigninPush)),
            false => go_to_step(app, &visit, loaded).await,
        };
    }
    match newest {
        Some(challenge) if status::state_at(&challenge, visit.now) == ChallengeState::Approved => {
            consume(app, &visit, loaded, &challenge).await
        }
        _ => page::see_other(&loaded.at(Path::SigninPush)),
    }
}

async fn consume(app: &App, visit: &Visit, loaded: LoadedSignIn, challenge: &Challenge) -> Result<Response> {
    let tx = app.storage.begin().await?;
    challenges::lock_person(&tx, challenge.person_id).await?;
    let is_theirs = loaded.stored.state.journey.person() == Some(challenge.person_id);
    if !is_theirs || !is_device_active(&tx, challenge).await? {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let receipt = challenges::consume(&tx, challenge.id, loaded.stored.id, visit.now).await?;
    let Some(receipt) = receipt else { return page::see_other(&loaded.at(Path::SigninPush)) };
    let event = AuditEvent::ChallengeConsumed;
    app.audit(&tx, &event, subject(&loaded), &visit.audit_source(), visit.now).await?;
    let proof = approval(challenge).candidate(visit.now).confirm(receipt);
    apply_event(app, visit, loaded, tx, Event::Proved(proof)).await
}

/// Returns whether the device that answered is still active.
pub(super) async fn is_device_active(db: &impl Executor, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(device) = challenge.answered_by else { return Ok(false) };
    let device = authenticators::find(db, device).await?;
    Ok(device.is_some_and(|device| authenticators::is_active(&device) && authenticators::is_phone(&device)))
}

/// Returns whether a challenge ended because its phone was removed or suspended. Its page explains that
/// before the sign-in continues with another factor.
pub(super) async fn has_lost_its_phone(
    db: &impl Executor,
    challenge: Option<&Challenge>,
) -> Result<bool, Fault> {
    let Some(challenge) = challenge else { return Ok(false) };
    match challenge.state {
        ChallengeState::Approved => Ok(!is_device_active(db, challenge).await?),
        ChallengeState::Superseded => {
            Ok(matches!(challenge.reason.as_deref(), Some("device_removed" | "device_suspended")))
        }
        _ => Ok(false),
    }
}

fn approval(challenge: &Challenge) -> ConsumedApproval {
    ConsumedApproval {
        person: challenge.person_id,
        key: KeyProtection::Software,
        user_verified: challenge.user_verified,
    }
}

/// Returns to the relying party from the page of a reported sign-in when the person presses its last button.
/// Any other closed sign-in has already sent its response.
async fn leave(app: &App, loaded: &LoadedSignIn, decision: Option<Decision>) -> Result<Response> {
    let newest = status::newest(&app.storage, loaded).await?;
    let is_reported = newest.is_some_and(|challenge| challenge.state == ChallengeState::Reported);
    if !is_reported || decision != Some(Decision::Deny) {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let error = error_of(SignInFailure::Denied);
    page::redirect_to_client(app, &loaded.request().refuse(&error, app.issuer()), &loaded.client.name).await
}
