//! Picks up the approval, in the browser that began the sign-in and nowhere else.

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
        load::{Loaded, LoadedSignIn, path_of},
        page,
        settle::{apply_event, error_of, subject},
        visit::Visit,
    },
    storage::{
        Executor, Fault, authenticators,
        challenges::{self, Challenge},
        people,
    },
};
use ::entity::challenge::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// "Continue", by a person or by the page's script; or "Cancel".
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
    let step = loaded.step(&visit);
    if !step.asks_for(FactorKind::Push) {
        return page::see_other(&loaded.at(path_of(&step)));
    }
    match status::newest(&app.storage, &loaded).await? {
        Some(challenge) if status::state_at(&challenge, visit.now) == ChallengeState::Approved => {
            take(app, &visit, loaded, &challenge).await
        }
        _ => page::see_other(&loaded.at(Path::SigninPush)),
    }
}

async fn take(app: &App, visit: &Visit, loaded: LoadedSignIn, challenge: &Challenge) -> Result<Response> {
    let tx = app.storage.begin().await?;
    if people::get(&tx, challenge.person_id).await?.is_disabled {
        return apply_event(app, visit, loaded, tx, Event::GaveUp).await;
    }
    let is_theirs = loaded.stored.state.journey.person() == Some(challenge.person_id);
    if !is_theirs || !is_device_active(&tx, challenge).await? {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let spent = challenges::consume(&tx, challenge.id, loaded.stored.id, visit.now).await?;
    let Some(spent) = spent else { return page::see_other(&loaded.at(Path::SigninPush)) };
    let event = AuditEvent::ChallengeConsumed;
    app.audit(&tx, &event, subject(&loaded), &visit.audit_source(), visit.now).await?;
    let proof = approval(challenge).candidate(visit.now).confirm(spent);
    apply_event(app, visit, loaded, tx, Event::Proved(proof)).await
}

/// Whether the device that answered is still in use.
pub(super) async fn is_device_active(db: &impl Executor, challenge: &Challenge) -> Result<bool, Fault> {
    let Some(device) = challenge.answered_by else { return Ok(false) };
    let device = authenticators::find(db, device).await?;
    Ok(device.is_some_and(|device| authenticators::is_active(&device) && authenticators::is_phone(&device)))
}

fn approval(challenge: &Challenge) -> ConsumedApproval {
    ConsumedApproval {
        person: challenge.person_id,
        key: KeyProtection::Software,
        user_verified: challenge.user_verified,
    }
}

/// A sign-in that a report has ended is left by its last button; any other has given its answer.
async fn leave(app: &App, loaded: &LoadedSignIn, decision: Option<Decision>) -> Result<Response> {
    let newest = status::newest(&app.storage, loaded).await?;
    let is_reported = newest.is_some_and(|challenge| challenge.state == ChallengeState::Reported);
    if !is_reported || decision != Some(Decision::Deny) {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let error = error_of(SignInFailure::Denied);
    page::redirect_to_client(app, &loaded.request().refuse(&error, app.issuer()), &loaded.client.name).await
}
