//! Handles the buttons that send a challenge: the first one of a step-up, and one that replaces it.

use super::{history::PushHistory, status};
use crate::{
    app::App,
    audit::AuditEvent,
    directory::FactorKind,
    http::urls::Path,
    journey::Event,
    limits::push::NotBefore,
    signin::{
        form::{Decision, Form},
        identifier::handles,
        load::{Loaded, LoadedSignIn},
        page,
        settle::{apply_event, ask_devices, go_to_step, save_and_show, subject},
        visit::Visit,
    },
    storage::people,
};
use ::entity::challenge::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles "Send the request" and "Send again".
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let form = Form::read(app, &visit, request, &body).await?;
    let mut loaded = match LoadedSignIn::find(app, &visit, handles(&form)).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return page::see_other(&loaded.at(Path::SigninPush)),
    };
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &visit, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let step = loaded.step(&visit);
    let person = loaded.stored.state.journey.person();
    let (true, Some(person)) = (step.asks_for(FactorKind::Push), person) else {
        return go_to_step(app, &visit, loaded).await;
    };
    let newest = status::newest(&app.storage, &loaded).await?;
    if newest.is_some_and(|challenge| status::state_at(&challenge, visit.now) == ChallengeState::Approved) {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let person = people::get(&app.storage, person).await?;
    let history = PushHistory::load(&app.storage, &person, visit.now).await?;
    if let Err(not_before) = history.may_ask(loaded.stored.id, visit.now) {
        return limited(app, &visit, loaded, not_before).await;
    }
    loaded.stored.state.push_limited_until = None;
    ask_devices(app, &visit, loaded, app.storage.begin().await?).await
}

/// Refuses to send a challenge now. An open one stays open, and the page says when the next may be sent.
async fn limited(
    app: &App,
    visit: &Visit,
    mut loaded: LoadedSignIn,
    not_before: NotBefore,
) -> Result<Response> {
    let tx = app.storage.begin().await?;
    let event = AuditEvent::PushLimited { limit: not_before.limit.as_str() };
    app.audit(&tx, &event, subject(&loaded), &visit.audit_source(), visit.now).await?;
    loaded.stored.state.push_limited_until = Some(not_before.at);
    save_and_show(app, visit, loaded, tx, Path::SigninPush).await
}
