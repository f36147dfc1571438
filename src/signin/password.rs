//! The password step. A wrong name and a wrong password cannot be told apart: same sentences, same steps,
//! same timing.

use super::{
    identifier::{Query, handles, redirect_to_current_step},
    load::LoadedSignIn,
    settle::{apply_event, go_to_step, save_and_show},
};
use crate::{
    app::App,
    audit::{AuditEvent, Via},
    clock::Timestamp,
    directory::{FactorKind, Person},
    factors::{
        Candidate,
        password::{PasswordRecord, hash_password, needs_rehash, verify},
    },
    http::urls::Path,
    journey::{Event, RequirementReason, Step},
    limits::lockout::{PASSWORD_FROM_EVERYWHERE, PASSWORD_FROM_SOURCE, may_try_password},
    storage::{Fault, Transaction, attempts, people},
    themes::PasswordPage,
    web::{self, Browser, Decision, Form, page},
};
use ::entity::ids::PersonId;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use poem::{Request, Response, Result, handler, web::Data};
use std::{collections::BTreeSet, sync::Arc};

/// The sentence for every failed attempt, whatever was wrong.
const WRONG: &str = "That name and password do not match. Check both and try again.";
/// The sentence during a lockout.
const BLOCKED: &str = "Too many wrong passwords in a row. Wait before you try again.";

/// Shows the password form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = LoadedSignIn::load(app, &browser, query.handles()).await?;
    let step = loaded.step(&browser);
    let Step::Prove { reasons, .. } = &step else {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    };
    if !step.asks_for(FactorKind::Password) {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    }
    let state = &loaded.stored.state;
    let may_change = state.journey.may_identify(browser.context.now);
    page::show(&PasswordPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step(app, &browser, why(reasons, &loaded.client.name)),
        username: username(app, &loaded).await?,
        error: state.notice.clone(),
        retry_after_seconds: seconds_until(state.blocked_until, browser.context.now),
        change_account_url: may_change.then(|| loaded.at(Path::SigninIdentifier)),
    })
}

/// Checks a password.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let loaded = LoadedSignIn::load(app, &browser, handles(&form)).await?;
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &browser, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    let step = loaded.step(&browser);
    if !step.asks_for(FactorKind::Password) {
        return go_to_step(app, &browser, loaded).await;
    }
    attempt(app, &browser, loaded, form.get("password").unwrap_or_default()).await
}

/// Handles one attempt: verifies it outside any transaction, then counts the result inside one.
pub(super) async fn attempt(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    password: &str,
) -> Result<Response> {
    loaded.stored.state.notice = None;
    loaded.stored.state.blocked_until = None;
    if password.is_empty() {
        loaded.stored.state.notice = Some("Enter your password.".to_owned());
        return save_and_show(app, browser, loaded, app.storage.begin().await?, Path::SigninPassword).await;
    }
    if let Err(limited) = app.budgets.check(browser.context.rate_limit_prefix(), browser.context.now) {
        return Err(web::too_many_requests(&browser.context, limited.retry_after_seconds));
    }
    let keys = Keys::of(app, &loaded, browser);
    if let Err(until) = may_try(app, &loaded, &keys, browser.context.now).await? {
        return blocked(app, browser, loaded, until).await;
    }
    // Look up a random id for an unknown name, so that timing does not reveal whether it exists.
    let id =
        loaded.stored.state.journey.person().unwrap_or_else(|| PersonId(app.entropy.id(browser.context.now)));
    let person = people::find(&app.storage, id).await?.filter(|person| !person.is_disabled);
    let candidate = match check(app, person.clone(), password.to_owned(), browser.context.now).await {
        Some(candidate) => candidate,
        None => return Err(web::overloaded(&browser.context)),
    };
    let Some((candidate, rehash)) = candidate else { return wrong(app, browser, loaded, &keys).await };
    let tx = app.storage.begin().await?;
    if let Some(until) = blocked_until_locked(&tx, &loaded, &keys, browser.context.now).await? {
        drop(tx);
        return blocked(app, browser, loaded, until).await;
    }
    // The lockout from everywhere does not apply to a known browser. Its success does not end that lockout:
    // the failures were those of other browsers.
    if !loaded.stored.state.is_known_browser {
        attempts::succeed(&tx, &keys.everywhere, &PASSWORD_FROM_EVERYWHERE, browser.context.now).await?;
    }
    let receipt = attempts::succeed(&tx, &keys.source, &PASSWORD_FROM_SOURCE, browser.context.now).await?;
    let Some(receipt) = receipt else {
        drop(tx);
        return blocked(app, browser, loaded, browser.context.now.plus_seconds(1)).await;
    };
    if let (Some(rehash), Some(person)) = (rehash, &person) {
        people::save_rehash(&tx, person.id, &rehash.verified, &rehash.rehashed).await?;
    }
    apply_event(app, browser, loaded, tx, Event::Proved(candidate.confirm(receipt))).await
}

/// A verified hash of another cost, and the new hash that replaces it.
struct Rehash {
    verified: String,
    rehashed: String,
}

/// A verified attempt with the rehash that its stored hash needs; `None` when the password is wrong.
type Checked = Option<(Candidate, Option<Rehash>)>;

/// Verifies at the same cost whether the person exists or not. The outer `None` means that the hashing queue
/// is full.
async fn check(app: &App, person: Option<Person>, password: String, now: Timestamp) -> Option<Checked> {
    let entropy = app.entropy.clone();
    let checked = app.hashing.run(move |hasher| {
        let record = person.as_ref().and_then(|person| {
            person.password_hash.as_deref().map(|hash| PasswordRecord { person: person.id, hash })
        });
        let outdated = record.as_ref().map(|record| record.hash);
        let outdated = outdated.filter(|hash| needs_rehash(hash, hasher.parameters()));
        let candidate = verify(record, &password, hasher, now)?;
        let rehash = outdated.and_then(|hash| {
            let rehashed = hash_password(&password, entropy.as_ref(), hasher).ok()?;
            Some(Rehash { verified: hash.to_owned(), rehashed })
        });
        Some((candidate, rehash))
    });
    checked.await.ok()
}

async fn wrong(app: &App, browser: &Browser, mut loaded: LoadedSignIn, keys: &Keys) -> Result<Response> {
    app.budgets.count(browser.context.rate_limit_prefix(), browser.context.now);
    let tx = app.storage.begin().await?;
    // Other attempts may have caused a lockout while this one was checked. A right password gets the same
    // answer.
    if let Some(until) = blocked_until_locked(&tx, &loaded, keys, browser.context.now).await? {
        drop(tx);
        return blocked(app, browser, loaded, until).await;
    }
    let of_source = attempts::fail(&tx, &keys.source, &PASSWORD_FROM_SOURCE, browser.context.now).await?;
    let of_all =
        attempts::fail(&tx, &keys.everywhere, &PASSWORD_FROM_EVERYWHERE, browser.context.now).await?;
    let event = AuditEvent::PasswordWrong;
    app.audit(&tx, &loaded.context(browser), &event, loaded.about()).await?;
    let is_known = loaded.stored.state.is_known_browser;
    let of_all = of_all.blocked_until.filter(|_| !is_known);
    loaded.stored.state.blocked_until = of_source.blocked_until.max(of_all);
    loaded.stored.state.notice = Some(WRONG.to_owned());
    save_and_show(app, browser, loaded, tx, Path::SigninPassword).await
}

/// Refuses an attempt during a lockout without checking it. It counts against its source like a wrong
/// password, because each refusal writes an audit event.
async fn blocked(
    app: &App,
    browser: &Browser,
    mut loaded: LoadedSignIn,
    until: Timestamp,
) -> Result<Response> {
    app.budgets.count(browser.context.rate_limit_prefix(), browser.context.now);
    let tx = app.storage.begin().await?;
    let event = AuditEvent::PasswordBlocked { until: until.unix_seconds() };
    app.audit(&tx, &loaded.context(browser), &event, loaded.about()).await?;
    loaded.stored.state.blocked_until = Some(until);
    loaded.stored.state.notice = Some(BLOCKED.to_owned());
    save_and_show(app, browser, loaded, tx, Path::SigninPassword).await
}

/// The keys under which attempts are counted, for a name that does not exist as for one that does.
struct Keys {
    source: String,
    everywhere: String,
}

impl Keys {
    fn of(app: &App, loaded: &LoadedSignIn, browser: &Browser) -> Self {
        let subject = match loaded.stored.state.journey.person() {
            Some(person) => person.to_string(),
            None => {
                let name = people::username_key(loaded.stored.state.username.as_deref().unwrap_or_default());
                let tag = app.sealing.code_pepper().tag(&[b"username", name.as_bytes()]);
                URL_SAFE_NO_PAD.encode(tag)
            }
        };
        let place = digest(&SHA256, browser.context.rate_limit_prefix().to_string().as_bytes());
        let place = URL_SAFE_NO_PAD.encode(place);
        Self { source: format!("password:{subject}:{place}"), everywhere: format!("password:{subject}") }
    }
}

/// Returns the end of a lockout, read under lock: other attempts may have caused it while this one was
/// checked. The answer must then not reveal whether this password was right.
async fn blocked_until_locked(
    tx: &Transaction,
    loaded: &LoadedSignIn,
    keys: &Keys,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let of_source = attempts::find_locked(tx, &keys.source).await?;
    let of_all = attempts::find_locked(tx, &keys.everywhere).await?;
    Ok(may_try_password(of_source, of_all, loaded.known_or_not(), now).err())
}

async fn may_try(
    app: &App,
    loaded: &LoadedSignIn,
    keys: &Keys,
    now: Timestamp,
) -> Result<std::result::Result<(), Timestamp>, Fault> {
    let from_source = attempts::find(&app.storage, &keys.source).await?;
    let from_everywhere = attempts::find(&app.storage, &keys.everywhere).await?;
    Ok(may_try_password(from_source, from_everywhere, loaded.known_or_not(), now))
}

/// Returns the username of the session's person, or else the name exactly as typed: the directory's spelling
/// would reveal that the name exists.
pub(super) async fn username(app: &App, loaded: &LoadedSignIn) -> Result<String, Fault> {
    let state = &loaded.stored.state;
    match state.journey.person().filter(|_| state.journey.is_of_session()) {
        Some(person) => Ok(people::get(&app.storage, person).await?.username),
        None => Ok(state.username.clone().unwrap_or_default()),
    }
}

/// Returns the whole seconds until `instant`, rounded up; `None` when it has passed.
pub(super) fn seconds_until(instant: Option<Timestamp>, now: Timestamp) -> Option<u64> {
    let milliseconds = u64::try_from(instant?.0.saturating_sub(now.0)).ok()?;
    (milliseconds > 0).then(|| milliseconds.div_ceil(1000))
}

/// Returns why this step is required, when the sign-in itself does not explain it.
pub(super) fn why(reasons: &BTreeSet<RequirementReason>, application: &str) -> Option<String> {
    let because = |reason| reasons.contains(&reason);
    if because(RequirementReason::Enrollment) {
        Some("Before a phone is added, confirm that it is you.".to_owned())
    } else if because(RequirementReason::MaxAge) {
        Some(format!("You signed in a while ago. {application} asks you to confirm that it is still you."))
    } else if because(RequirementReason::PromptLogin) {
        Some(format!("{application} asks you to sign in again."))
    } else if because(RequirementReason::Acr) || because(RequirementReason::ClientAcr) {
        Some(format!("{application} asks for a second proof that it is you before it goes on."))
    } else {
        None
    }
}
