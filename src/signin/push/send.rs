//! Handles the buttons that send a challenge: the first one of a step-up, and one that replaces it.

use super::{history::PushHistory, status};
use crate::{
    app::App,
    audit::{AuditEvent, Via},
    directory::FactorKind,
    http::urls::Path,
    journey::Event,
    limits::push::NotBefore,
    signin::{
        identifier::handles,
        load::{Loaded, LoadedSignIn},
        settle::{apply_event, ask_devices, go_to_step, save_and_show},
    },
    storage::people,
    web::{Browser, Decision, Form, page},
};
use ::entity::enums::ChallengeState;
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles "Send the request" and "Send again".
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let mut loaded = match LoadedSignIn::find(app, &browser, handles(&form)).await? {
        Loaded::Open(loaded) => *loaded,
        Loaded::Closed(loaded) => return page::see_other(&loaded.at(Path::SigninPush)),
    };
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &browser, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let step = loaded.step(&browser);
    let person = loaded.stored.state.journey.person();
    let (true, Some(person)) = (step.asks_for(FactorKind::Push), person) else {
        return go_to_step(app, &browser, loaded).await;
    };
    let newest = status::newest(&app.storage, &loaded).await?;
    if newest.is_some_and(|challenge| challenge.state_at(browser.context.now) == ChallengeState::Approved) {
        return page::see_other(&loaded.at(Path::SigninPush));
    }
    let person = people::get(&app.storage, person).await?;
    let history = PushHistory::load(&app.storage, &person, browser.context.now).await?;
    if let Err(not_before) = history.may_ask(loaded.stored.id, browser.context.now) {
        return limited(app, &browser, loaded, not_before).await;
    }
    loaded.stored.state.push_limited_until = None;
    ask_devices(app, &browser, loaded, app.storage.begin().await?).await
}

/// Refuses to send a challenge now. An open one stays open, and the page says when the next may be sent.
async fn limited(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    not_before: NotBefore,
) -> Result<Response> {
    let tx = app.storage.begin().await?;
    let event = AuditEvent::PushLimited { limit: not_before.limit.as_str() };
    app.audit(&tx, &loaded.context(browser), &event, loaded.about()).await?;
    loaded.stored.state.push_limited_until = Some(not_before.at);
    save_and_show(app, browser, loaded, tx, Path::SigninPush).await
}
