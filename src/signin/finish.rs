//! Finishes a sign-in: writes the browser session, the grant and the authorization code.

use super::{
    client_response::redirect_to_client,
    load::{LoadedSignIn, restart_url},
    person::scopes_to_consent,
    settle::run_effects,
};
use crate::{
    app::App,
    audit::AuditEvent,
    clock::Timestamp,
    http::{cookies::Cookie, urls::Path},
    journey::{Assurance, Effect},
    limits::lifetimes::{AUTHORIZATION_CODE_LIFETIME_SECONDS, SESSION_ABSOLUTE_SECONDS},
    protocol::{AuthorizationCode, Scope, ScopeSet},
    storage::{
        Fault, Transaction,
        audit::about_session,
        codes, consents,
        grants::{self, Grant},
        journeys,
        sessions::{self, BrowserSession},
    },
    web::{Browser, Refusal as RefusalPage, hash, page},
};
use ::entity::ids::{BrowserSessionId, GrantId, PersonId};
use http::HeaderValue;
use poem::{Response, Result};

/// The browser session after a sign-in, with the cookie to set when its token is new.
struct Signed {
    id: BrowserSessionId,
    set_cookie: Option<HeaderValue>,
}

/// Closes the sign-in, begins or raises the browser session, and responds with a code: all in `tx`, or
/// nothing. The caller derived `assurance` in the same transaction.
pub(super) async fn finish(
    app: &App,
    browser: &Browser,
    loaded: LoadedSignIn,
    tx: Transaction,
    assurance: &Assurance,
    effects: Vec<Effect>,
) -> Result<Response> {
    if loaded.is_stored() && !journeys::close(&tx, &loaded.stored, browser.context.now).await? {
        tx.commit().await?;
        return page::see_other(&loaded.at(Path::SigninIdentifier));
    }
    let Some(signed) = sign_in_browser(app, browser, &loaded, &tx, assurance).await? else {
        tx.commit().await?;
        return Err(session_ended(app, browser, &loaded).into_error(&browser.context));
    };
    let code = AuthorizationCode::random(app.entropy.as_ref());
    let grant = grant_of(app, browser, &loaded, assurance, signed.id);
    let row = codes::AuthorizationCodeRow {
        hash: code.hash().as_bytes().to_vec(),
        grant_id: grant.id,
        redirect_uri: loaded.request().return_address.redirect_uri.as_str().to_owned(),
        code_challenge: loaded
            .request()
            .code_challenge
            .as_ref()
            .map(|challenge| challenge.as_str().to_owned()),
        nonce: loaded.request().nonce.as_ref().map(|nonce| nonce.as_str().to_owned()),
        expires_at: browser.context.now.plus_seconds(AUTHORIZATION_CODE_LIFETIME_SECONDS),
        redeemed_at: None,
    };
    remember_consent(app, browser, &loaded, &tx, assurance.person).await?;
    grants::insert_grant(&tx, grant).await?;
    codes::insert_code(&tx, row).await?;
    run_effects(app, browser, &loaded, &tx, &effects).await?;
    tx.commit().await?;
    let response = loaded.request().succeed(&code, app.issuer());
    Ok(page::with_cookie(
        redirect_to_client(&browser.context, &response, &loaded.client.name)?,
        signed.set_cookie,
    ))
}

/// Begins a session, raises this browser's session, or continues it. A new or raised session gets a new
/// token, so that the old cookie is worth nothing (session fixation). A session of another person ends.
///
/// `None` when the sign-in was built on a session that is no longer this browser's, because it has ended or
/// its cookie is gone.
async fn sign_in_browser(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    tx: &Transaction,
    assurance: &Assurance,
) -> Result<Option<Signed>, Fault> {
    let current = browser.session_in(tx).await?;
    let journey = &loaded.stored.state.journey;
    let started_from = journey.session().filter(|_| journey.is_of_session());
    if started_from.is_some_and(|started| current.as_ref().is_none_or(|current| current.id != started.id)) {
        return Ok(None);
    }
    if let Some(id) = assurance.session {
        let goes_on = sessions::touch(tx, id, browser.context.now).await?;
        return Ok(goes_on.then_some(Signed { id, set_cookie: None }));
    }
    let token = app.entropy.secret();
    let set_cookie = app.cookies.set(Cookie::Session, &token, None);
    let (raised, other) = match current {
        Some(current) if current.person_id == assurance.person => (Some(current), None),
        other => (None, other),
    };
    if let Some(other) = other {
        sessions::end(tx, other.id, browser.context.now).await?;
        let event = AuditEvent::SessionEnded { by: "replaced" };
        app.audit(tx, &loaded.context(browser), &event, about_session(&other)).await?;
    }
    let session = BrowserSession {
        id: raised
            .as_ref()
            .map_or_else(|| BrowserSessionId(app.entropy.id(browser.context.now)), |session| session.id),
        token_hash: hash(&token),
        browser_hash: loaded.stored.browser_hash.clone(),
        workspace_id: loaded.client.workspace_id,
        person_id: assurance.person,
        proofs: assurance.proofs.clone(),
        auth_time: assurance.auth_time,
        created_at: browser.context.now,
        last_seen_at: browser.context.now,
        expires_at: session_end(assurance, browser.context.now),
        address: browser.context.address().to_string(),
        agent: browser.context.agent.as_str().to_owned(),
    };
    let is_kept = match raised {
        Some(_) => sessions::save(tx, &session).await?,
        None => sessions::insert_session(tx, &session).await.map(|()| true)?,
    };
    Ok(is_kept.then_some(Signed { id: session.id, set_cookie }))
}

/// Returns the absolute end of the session, counted from `auth_time`, so that step-ups do not extend it.
fn session_end(assurance: &Assurance, now: Timestamp) -> Timestamp {
    Ord::min(assurance.auth_time, now).plus_seconds(SESSION_ABSOLUTE_SECONDS)
}

fn grant_of(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    assurance: &Assurance,
    session: BrowserSessionId,
) -> Grant {
    let request = loaded.request();
    // With `offline_access` the grant outlives the session. It then ends with the consent, a password change,
    // or when the person is disabled.
    let is_offline = request.scopes.contains(Scope::OfflineAccess);
    let amr: Vec<&str> = assurance.amr.iter().map(|method| method.as_str()).collect();
    Grant {
        id: GrantId(app.entropy.id(browser.context.now)),
        workspace_id: loaded.client.workspace_id,
        client_key: loaded.client.key,
        person_id: assurance.person,
        session_id: Some(session),
        ends_with_session: !is_offline,
        scopes: request.scopes.to_string(),
        claims: (!request.claims.is_empty()).then(|| serde_json::to_value(&request.claims).ok()).flatten(),
        auth_time: assurance.auth_time,
        acr: Some(assurance.acr.as_str().to_owned()),
        amr: amr.join(" "),
        created_at: browser.context.now,
        revoked_at: None,
    }
}

fn session_ended<'a>(app: &App, browser: &Browser, loaded: &'a LoadedSignIn) -> RefusalPage<'a> {
    RefusalPage {
        application: Some(&loaded.client.name),
        retry_url: restart_url(app, browser, loaded.request()),
        ..RefusalPage::bad_request(
            "You were signed out meanwhile",
            "The session that this sign-in was built on has ended.",
            "Begin again: you come to the same place.",
        )
    }
}

/// Adds the scopes that the person allowed in this sign-in to those that they had allowed before.
async fn remember_consent(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    tx: &Transaction,
    person: PersonId,
) -> Result<(), Fault> {
    if !loaded.stored.state.journey.is_consented() {
        return Ok(());
    }
    let client = loaded.client.key;
    let remembered = consents::find(tx, client, person).await?;
    let remembered = remembered.and_then(|scopes| ScopeSet::parse(&scopes).ok()).unwrap_or_default();
    let scopes = remembered.union(&scopes_to_consent(loaded.request())).to_string();
    consents::save(tx, client, person, &scopes, browser.context.now).await?;
    let event = AuditEvent::ConsentGiven { scopes: scopes.split(' ').map(str::to_owned).collect() };
    app.audit(tx, &loaded.context(browser), &event, loaded.about()).await
}
