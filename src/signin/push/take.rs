//! Consumes an approval, only in the browser that began the sign-in.

use super::status;
use crate::{
    app::App,
    audit::{AuditEvent, Via},
    directory::FactorKind,
    factors::{
        KeyProtection,
        push::{ConsumedApproval, WithdrawalReason},
    },
    http::urls::Path,
    journey::{Event, SignInFailure},
    signin::{
        client_response::redirect_to_client,
        identifier::handles,
        load::{Loaded, LoadedSignIn},
        settle::{apply_event, error_of, go_to_step},
    },
    storage::{
        Executor, Fault,
        audit::about_challenge,
        authenticators,
        challenges::{self, Challenge},
    },
    web::{Browser, Decision, Form, page},
};
use ::entity::enums::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles "Continue", pressed by the person or sent by the page's script, and "Cancel".
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let loaded = match LoadedSignIn::find(app, &browser, handles(&form)).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return leave(app, &browser, &loaded, form.decision()).await,
    };
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &browser, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let newest = status::newest(&app.storage, &loaded).await?;
    if !loaded.step(&browser).asks_for(FactorKind::Push) {
        return match has_lost_its_phone(&app.storage, newest.as_ref()).await? {
            true => page::see_other(&loaded.at(Path::SigninPush)),
            false => go_to_step(app, &browser, loaded).await,
        };
    }
    match newest {
        Some(challenge) if challenge.state_at(browser.context.now) == ChallengeState::Approved => {
            consume(app, &browser, loaded, &challenge).await
        }
        _ => page::see_other(&loaded.at(Path::SigninPush)),
    }
}

async fn consume(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    challenge: &Challenge,
) -> Result<Response> {
    let tx = app.storage.begin().await?;
    challenges::lock_person(&tx, challenge.person_id()).await?;
    let is_theirs = loaded.stored.state.journey.person() == Some(challenge.person_id());
    if !is_theirs || !is_device_active(&tx, challenge).await? {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let receipt = challenges::consume(&tx, challenge.id(), loaded.stored.id, browser.context.now).await?;
    let Some(receipt) = receipt else { return page::see_other(&loaded.at(Path::SigninPush)) };
    let target = about_challenge(challenge).client(loaded.client.key);
    app.audit(&tx, &loaded.context(browser), &AuditEvent::ChallengeConsumed, target).await?;
    let proof = approval(challenge).candidate(browser.context.now).confirm(receipt);
    apply_event(app, browser, loaded, tx, Event::Proved(proof)).await
}

/// Returns whether the device that answered is still active.
pub(super) async fn is_device_active(db: &impl Executor, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(device) = challenge.answered_by() else { return Ok(false) };
    let device = authenticators::find(db, device).await?;
    Ok(device.is_some_and(|device| device.is_active() && device.is_phone()))
}

/// Returns whether a challenge ended because its phone was removed or suspended. Its page explains that
/// before the sign-in continues with another factor.
pub(super) async fn has_lost_its_phone(
    db: &impl Executor,
    challenge: Option<&Challenge>,
) -> Result<bool, Fault> {
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

fn approval(challenge: &Challenge) -> ConsumedApproval {
    ConsumedApproval {
        person: challenge.person_id(),
        key: KeyProtection::Software,
        user_verified: challenge.user_verified(),
    }
}

/// Returns to the relying party from the page of a reported sign-in when the person presses its last button.
/// Any other closed sign-in has already sent its response.
async fn leave(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    decision: Option<Decision>,
) -> Result<Response> {
    let newest = status::newest(&app.storage, loaded).await?;
    let is_reported = newest.is_some_and(|challenge| challenge.stored_state() == ChallengeState::Reported);
    if !is_reported || decision != Some(Decision::Deny) {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let error = error_of(SignInFailure::Denied);
    redirect_to_client(&browser.context, &loaded.request().refuse(&error, app.issuer()), &loaded.client.name)
}
