//! The TOTP step: a time-based code from an enrolled phone or from a separate code generator (RFC 6238).

use super::{
    enroll::notice,
    identifier::{Query, handles, redirect_to_current_step},
    load::LoadedSignIn,
    password,
    settle::{apply_event, go_to_step, save_and_show},
};
use crate::{
    app::{App, sealed_columns},
    audit::{AuditEvent, Via},
    clock::Timestamp,
    directory::FactorKind,
    factors::totp::{TotpCandidate, TotpRecord, TotpRefusal, verify},
    http::urls::Path,
    journey::{Event, Step},
    limits::lockout::{TOTP, TOTP_LONG_TERM, may_try_totp},
    storage::{
        Fault, Transaction, attempts,
        authenticators::{self, Authenticator},
        challenges,
    },
    themes::TotpPage,
    web::{self, Browser, Decision, Form, page},
};
use ::entity::ids::{AuthenticatorId, PersonId};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the code form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = LoadedSignIn::load(app, &browser, query.handles()).await?;
    let step = loaded.step(&browser);
    let Step::Prove { reasons, .. } = &step else {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    };
    if !step.asks_for(FactorKind::Totp) {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    }
    let state = &loaded.stored.state;
    page::show(&TotpPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step(app, &browser, password::why(reasons, &loaded.client.name)),
        username: password::username(app, &loaded).await?,
        error: state.notice.clone().or_else(|| notice(&query, FactorKind::Totp)),
        retry_after_seconds: password::seconds_until(state.blocked_until, browser.context.now),
        may_use_push: step.asks_for(FactorKind::Push),
    })
}

/// Checks a code.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let mut loaded = LoadedSignIn::load(app, &browser, handles(&form)).await?;
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &browser, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let step = loaded.step(&browser);
    let person = loaded.stored.state.journey.person();
    let (true, Some(person)) = (step.asks_for(FactorKind::Totp), person) else {
        return go_to_step(app, &browser, loaded).await;
    };
    if let Err(limited) = app.budgets.check(browser.context.rate_limit_prefix(), browser.context.now) {
        return Err(web::too_many_requests(&browser.context, limited.retry_after_seconds));
    }
    loaded.stored.state.notice = None;
    loaded.stored.state.blocked_until = None;
    attempt(app, &browser, loaded, person, form.get("code").unwrap_or_default()).await
}

async fn attempt(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    person: PersonId,
    code: &str,
) -> Result<Response> {
    let keys = Keys::of(person);
    let recent = attempts::find(&app.storage, &keys.recent).await?;
    let long_term = attempts::find(&app.storage, &keys.long_term).await?;
    if let Err(until) = may_try_totp(recent, long_term, browser.context.now) {
        return blocked(app, browser, loaded, until).await;
    }
    let (device, candidate) = match check(app, person, code, browser.context.now).await? {
        Ok(found) => found,
        Err(refusal) => return wrong(app, browser, loaded, &keys, refusal).await,
    };
    let tx = app.storage.begin().await?;
    if let Some(until) = blocked_until_locked(&tx, &keys, browser.context.now).await? {
        drop(tx);
        return blocked(app, browser, loaded, until).await;
    }
    challenges::lock_person(&tx, person).await?;
    attempts::succeed(&tx, &keys.recent, &TOTP, browser.context.now).await?;
    attempts::succeed(&tx, &keys.long_term, &TOTP_LONG_TERM, browser.context.now).await?;
    match authenticators::take_totp_step(&tx, device, candidate.step, browser.context.now).await? {
        Some(receipt) => {
            apply_event(app, browser, loaded, tx, Event::Proved(candidate.candidate.confirm(receipt))).await
        }
        None => {
            drop(tx);
            wrong(app, browser, loaded, &keys, TotpRefusal::AlreadyUsed).await
        }
    }
}

/// Tries the code with each of the person's generators. Of several refusals the most specific one is
/// returned.
async fn check(
    app: &App,
    person: PersonId,
    code: &str,
    now: Timestamp,
) -> Result<std::result::Result<(AuthenticatorId, TotpCandidate), TotpRefusal>, Fault> {
    let mut refusal_shown = TotpRefusal::Wrong;
    for device in authenticators::list_active(&app.storage, person).await? {
        let Some(seed) = seed_of(app, &device) else { continue };
        let record = TotpRecord { person, seed: &seed, last_step: device.totp_last_step() };
        match verify(&record, code, now) {
            Ok(candidate) => return Ok(Ok((device.id(), candidate))),
            Err(TotpRefusal::Wrong) => {}
            Err(refusal) => refusal_shown = refusal,
        }
    }
    Ok(Err(refusal_shown))
}

fn seed_of(app: &App, device: &Authenticator) -> Option<Vec<u8>> {
    app.sealing.rows().open(&sealed_columns::totp_seed(device.id()), device.totp_seed()?)
}

async fn wrong(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    keys: &Keys,
    refusal: TotpRefusal,
) -> Result<Response> {
    let tx = app.storage.begin().await?;
    let reason = match refusal {
        TotpRefusal::Malformed => None,
        TotpRefusal::Wrong => Some("wrong"),
        TotpRefusal::AlreadyUsed => Some("already_used"),
        TotpRefusal::ClockOff { .. } => Some("clock_off"),
    };
    if let Some(reason) = reason {
        app.budgets.count(browser.context.rate_limit_prefix(), browser.context.now);
        if let Some(until) = blocked_until_locked(&tx, keys, browser.context.now).await? {
            drop(tx);
            return blocked(app, browser, loaded, until).await;
        }
        let recent = attempts::fail(&tx, &keys.recent, &TOTP, browser.context.now).await?;
        let long_term = attempts::fail(&tx, &keys.long_term, &TOTP_LONG_TERM, browser.context.now).await?;
        loaded.stored.state.blocked_until = recent.blocked_until.max(long_term.blocked_until);
        let event = AuditEvent::TotpWrong { reason };
        app.audit(&tx, &loaded.context(browser), &event, loaded.about()).await?;
    }
    loaded.stored.state.notice = Some(refusal.to_string());
    save_and_show(app, browser, loaded, tx, Path::SigninTotp).await
}

/// Returns the end of a lockout, read under lock: other attempts may have caused it while this one was
/// checked. The answer must then not reveal whether this code was right.
async fn blocked_until_locked(
    tx: &Transaction,
    keys: &Keys,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let recent = attempts::find_locked(tx, &keys.recent).await?;
    let long_term = attempts::find_locked(tx, &keys.long_term).await?;
    Ok(may_try_totp(recent, long_term, now).err())
}

/// Refuses an attempt during a lockout without checking it. It counts against its source like a wrong code,
/// because each refusal writes an audit event.
async fn blocked(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    until: Timestamp,
) -> Result<Response> {
    app.budgets.count(browser.context.rate_limit_prefix(), browser.context.now);
    let tx = app.storage.begin().await?;
    let event = AuditEvent::TotpBlocked { until: until.unix_seconds() };
    app.audit(&tx, &loaded.context(browser), &event, loaded.about()).await?;
    loaded.stored.state.blocked_until = Some(until);
    loaded.stored.state.notice = Some("Too many wrong codes. Wait before you try again.".to_owned());
    save_and_show(app, browser, loaded, tx, Path::SigninTotp).await
}

struct Keys {
    recent: String,
    long_term: String,
}

impl Keys {
    fn of(person: PersonId) -> Self {
        Self { recent: format!("totp:{person}"), long_term: format!("totp_long_term:{person}") }
    }
}
