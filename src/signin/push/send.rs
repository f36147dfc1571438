//! Sends the request to the phone: the first time after a step-up, or again.

use super::{history::PushHistory, standing};
use crate::{
    app::App,
    audit::AuditEvent,
    directory::FactorKind,
    factors::push::limits::NotBefore,
    http::urls::Path,
    journey::Event,
    signin::{
        form::{Decision, Form},
        identifier::handles,
        page,
        progress::{Loaded, Progress, path_of},
        settle::{ask_devices, settle, stay, subject},
        visit::Visit,
    },
    storage::people,
};
use ::entity::challenge::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// "Send the request", "Send again".
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let form = Form::read(app, &visit, request, &body).await?;
    let mut progress = match Progress::find(app, &visit, handles(&form)).await? {
        Loaded::Open(progress) => *progress,
        Loaded::Closed(progress) => return page::see_other(&progress.at(Path::SigninPush)),
    };
    if form.decision() == Some(Decision::Deny) {
        return settle(app, &visit, progress, app.storage.begin().await?, Event::GaveUp).await;
    }
    let step = progress.step(&visit);
    let person = progress.stored.state.journey.person();
    let (true, Some(person)) = (step.asks_for(FactorKind::Push), person) else {
        return page::see_other(&progress.at(path_of(&step)));
    };
    let newest = standing::newest(&app.storage, &progress).await?;
    if newest.is_some_and(|challenge| standing::state_at(&challenge, visit.now) == ChallengeState::Approved) {
        return page::see_other(&progress.at(Path::SigninPush));
    }
    let person = people::get(&app.storage, person).await?;
    if person.is_disabled {
        return settle(app, &visit, progress, app.storage.begin().await?, Event::GaveUp).await;
    }
    let history = PushHistory::load(&app.storage, &person, visit.now).await?;
    if let Err(not_before) = history.may_ask(progress.stored.id, visit.now) {
        return limited(app, &visit, progress, not_before).await;
    }
    progress.stored.state.push_limited_until = None;
    ask_devices(app, &visit, progress, app.storage.begin().await?).await
}

/// Not now: what is open stays open, and the page says when.
async fn limited(
    app: &App,
    visit: &Visit,
    mut progress: Progress,
    not_before: NotBefore,
) -> Result<Response> {
    let tx = app.storage.begin().await?;
    let event = AuditEvent::PushLimited { limit: not_before.limit.as_str() };
    app.audit(&tx, &event, subject(&progress), &visit.audit_source(), visit.now).await?;
    progress.stored.state.push_limited_until = Some(not_before.at);
    stay(app, visit, progress, tx, Path::SigninPush).await
}
