//! Signing out (OpenID Connect RP-Initiated Logout 1.0).

use super::{
    form::{Decision, Form},
    page,
    page::Refusal,
    visit::{Visit, cookies},
};
use crate::{
    app::App,
    audit::{AuditEvent, AuditSubject},
    directory::Client,
    http::cookies::Cookie,
    keys::verify_jws,
    protocol::{Confirmation, EndSessionRequest, IdTokenHint, LogoutReturn, form_pairs},
    storage::{Fault, people, sessions, sessions::BrowserSession},
    themes::{Handle, SignOutPage, SignedOutPage},
};
use poem::{Request, Response, Result, handler, web::Data};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the seal of a sign-out is for.
const PURPOSE: &str = "end_session_request";

/// A sign-out that waits for a confirmation.
#[derive(Serialize, Deserialize)]
struct SignOut {
    application: Option<String>,
    return_to: Option<LogoutReturn>,
}

/// By GET: what a relying party asks for, or a person who wants to leave.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    ask(app, &visit, request.uri().query().unwrap_or_default()).await
}

/// By POST: the same from a relying party, or the answer to our own question.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let text = String::from_utf8(body).unwrap_or_default();
    let is_own = form_pairs(&text).is_ok_and(|pairs| pairs.iter().any(|(name, _)| name == "csrf"));
    if !is_own {
        return ask(app, &visit, &text).await;
    }
    let form = Form::read(app, &visit, request, text.as_bytes()).await?;
    let sealed = form.get("r").and_then(|sealed| app.sealing.requests().open_text(PURPOSE, sealed));
    let sign_out = sealed.and_then(|plain| serde_json::from_slice(&plain).ok());
    let sign_out = sign_out.unwrap_or(SignOut { application: None, return_to: None });
    if form.decision() == Some(Decision::Deny) {
        return page::see_other(crate::http::urls::Path::Home.as_str());
    }
    let session = visit.session(app).await?;
    end(app, &visit, session, sign_out, "person").await
}

async fn ask(app: &App, visit: &Visit, encoded: &str) -> Result<Response> {
    let request = match EndSessionRequest::parse(form_pairs(encoded).unwrap_or_default()) {
        Ok(request) => request,
        Err(problem) => return Err(refusal(problem.to_string()).into_error(app, visit).await),
    };
    let (hint, client) = hinted(app, &request).await?;
    let return_to = match request.return_to(hint.as_ref(), client.as_deref()) {
        Ok(return_to) => return_to,
        Err(problem) => return Err(refusal(problem.to_string()).into_error(app, visit).await),
    };
    let session = visit.session(app).await?;
    let person = session.as_ref().map(|session| session.person_id);
    let application = client.map(|client| client.name.clone());
    let sign_out = SignOut { application, return_to };
    match (Confirmation::of(hint.as_ref(), person), &session) {
        (Confirmation::Needed, Some(session)) => confirm(app, visit, session, &sign_out).await,
        _ => end(app, visit, session, sign_out, "relying_party").await,
    }
}

async fn confirm(app: &App, visit: &Visit, session: &BrowserSession, sign_out: &SignOut) -> Result<Response> {
    let plain = serde_json::to_vec(sign_out)
        .map_err(|error| Fault::because("a sign-out cannot be written as JSON", error))?;
    let browser = visit.known_browser(app);
    let page = SignOutPage {
        frame: page::frame(app).await?,
        application: sign_out.application.clone(),
        username: people::get(&app.storage, session.person_id).await?.username,
        csrf: visit.form_token(app),
        handle: Some(Handle::request(app.sealing.requests().seal_text(PURPOSE, &plain))),
    };
    Ok(page::with_cookie(page::show(&page)?, browser.set_cookie))
}

async fn end(
    app: &App,
    visit: &Visit,
    session: Option<BrowserSession>,
    sign_out: SignOut,
    by: &'static str,
) -> Result<Response> {
    if let Some(session) = session {
        let unit = app.storage.begin().await?;
        sessions::end(&unit, session.id, visit.now).await?;
        let subject = AuditSubject { person: Some(session.person_id), ..AuditSubject::default() };
        let event = AuditEvent::SessionEnded { by };
        app.audit(&unit, &event, subject, &visit.audit_source(), visit.now).await?;
        unit.commit().await?;
    }
    let answer = match sign_out.return_to {
        Some(return_to) => page::see_other(&return_to.location())?,
        None => page::show(&SignedOutPage {
            frame: page::frame(app).await?,
            application: sign_out.application,
            continue_url: None,
        })?,
    };
    Ok(page::with_cookie(answer, Some(cookies(app).clear(Cookie::Session))))
}

/// The hint, when we signed it, and the client that it was issued to. Any other counts as not sent.
async fn hinted(
    app: &App,
    request: &EndSessionRequest,
) -> Result<(Option<IdTokenHint>, Option<Arc<Client>>), Fault> {
    let Some(hint) = &request.id_token_hint else { return Ok((None, None)) };
    let keys = app.directory.keys().await?;
    let claims = verify_jws(&keys.ring, hint.as_str());
    let hint = claims.and_then(|claims| IdTokenHint::from_verified_claims(&claims, app.issuer()));
    let client = match &hint {
        Some(hint) => app.directory.find_client(&hint.client_id).await?,
        None => None,
    };
    Ok((hint, client))
}

fn refusal(message: String) -> Refusal<'static> {
    Refusal::bad_request(
        "You are still signed in",
        message,
        "You stay here. To sign out anyway, use the button on this server’s front page.",
    )
}
