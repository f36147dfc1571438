//! The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0).

use super::navigation::{Query, carry_on};
use crate::{
    actions::{
        people,
        sessions::{self, BrowserSession},
        sign_in::fits_in_address,
    },
    app::{App, Tenant},
    audit::{Actor, Via},
    directory::Client,
    fault::Fault,
    http::{cookies::Cookie, urls::Path},
    protocol::{Confirmation, EndSessionRequest, IdTokenHint, LogoutReturn, form_pairs},
    themes::{Handle, SignOutPage, SignedOutPage},
    web::{Browser, Decision, Form, Refusal, check_type, page},
};
use ::entity::ids::BrowserSessionId;
use poem::{Request, Response, Result, handler, web::Data};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Purpose of the seal of a sign-out.
const PURPOSE: &str = "end_session_request";

/// A validated sign-out request, carried through a redirect or the confirmation page.
#[derive(Default, Serialize, Deserialize)]
struct SignOut {
    application: Option<String>,
    return_to: Option<LogoutReturn>,
    way_back: Option<WayBack>,
    /// The session in which the hint was issued. Under another name than the person that earlier versions kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<BrowserSessionId>,
}

/// The link that the last page offers when the browser is not redirected.
#[derive(Serialize, Deserialize)]
struct WayBack {
    application: String,
    address: LogoutReturn,
}

/// Handles GET: a request of a relying party, or of a person who follows a link.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    if let Some(answer) = page::without_effect(request) {
        return Ok(answer);
    }
    let browser = Browser::of(app, request, Via::Signin).await?;
    let (tenant, query) = (&browser.context.tenant, request.uri().query().unwrap_or_default());
    let carried_over = Query::of(request).get("r").and_then(|sealed| SignOut::open(app, tenant, sealed));
    let sign_out = match carried_over {
        Some(sign_out) => sign_out,
        None => receive(&browser, query).await?,
    };
    answer(app, &browser, sign_out).await
}

/// Signs out, or asks first.
async fn answer(app: &App, browser: &Browser, sign_out: SignOut) -> Result<Response> {
    let session = browser.session(app).await?;
    let signed_in = session.as_ref().map(|session| session.id);
    match (Confirmation::of(sign_out.sid, signed_in), &session) {
        (Confirmation::Needed, Some(session)) => confirm(app, browser, session, &sign_out).await,
        _ => end(app, browser, session, sign_out, "relying_party").await,
    }
}

/// Handles POST: a request of a relying party, or the answer on this server's confirmation page. The browser
/// withholds its cookies from a form of another site (`SameSite`): that request is checked and sealed, and
/// handled again after a redirect, with which the browser sends them.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    check_type(&browser.context, request, &body)?;
    let Ok(text) = String::from_utf8(body) else {
        return Err(refusal("The form is not UTF-8.".to_owned()).into_error(&browser.context));
    };
    let tenant = &browser.context.tenant;
    let pairs = form_pairs(&text).unwrap_or_default();
    let field = |name: &str| pairs.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value);
    if field("csrf").is_none() {
        if let Some(sign_out) = field("r").and_then(|sealed| SignOut::open(app, tenant, sealed)) {
            return answer(app, &browser, sign_out).await;
        }
        let sealed = receive(&browser, &text).await?.seal(app, tenant)?;
        return match fits_in_address(&sealed) {
            true => page::see_other(&tenant.urls.with(Path::Signout, [("r", sealed.as_str())])),
            false => carry_on(&browser.context, Path::Signout, None, sealed),
        };
    }
    let form = Form::read(app, &browser, request, text.as_bytes())?;
    if form.decision() == Some(Decision::Deny) {
        return page::see_other(&tenant.urls.local(Path::Home));
    }
    let sign_out = form.get("r").and_then(|sealed| SignOut::open(app, tenant, sealed));
    let sign_out = sign_out.unwrap_or_default();
    let session = browser.session(app).await?;
    end(app, &browser, session, sign_out, "person").await
}

impl SignOut {
    fn seal(&self, app: &App, tenant: &Tenant) -> Result<String, Fault> {
        let plain = serde_json::to_vec(self)
            .map_err(|error| Fault::because("cannot serialize a sign-out request as JSON", error))?;
        Ok(app.sealing.requests().seal_text(&tenant.seal_purpose(PURPOSE), &plain))
    }

    fn open(app: &App, tenant: &Tenant, sealed: &str) -> Option<Self> {
        let purpose = tenant.seal_purpose(PURPOSE);
        serde_json::from_slice(&app.sealing.requests().open_text(&purpose, sealed)?).ok()
    }
}

/// Parses and validates a relying party's request.
async fn receive(browser: &Browser, encoded: &str) -> Result<SignOut> {
    let Ok(pairs) = form_pairs(encoded) else {
        let message = "The parameters are not percent-encoded UTF-8.".to_owned();
        return Err(refusal(message).into_error(&browser.context));
    };
    let request = match EndSessionRequest::parse(pairs) {
        Ok(request) => request,
        Err(problem) => return Err(refusal(problem.to_string()).into_error(&browser.context)),
    };
    let tenant = &browser.context.tenant;
    let (hint, client) = hinted(tenant, &request).await?;
    let return_to = match request.return_to(hint.as_ref(), client.as_deref()) {
        Ok(return_to) => return_to,
        Err(problem) => return Err(refusal(problem.to_string()).into_error(&browser.context)),
    };
    let way_back = if hint.is_none() { way_back(tenant, &request).await? } else { None };
    let application = client.map(|client| client.name.clone());
    Ok(SignOut { application, return_to, way_back, sid: hint.and_then(|hint| hint.session_id) })
}

/// Returns a link to the client that the request names, if the client has registered the address. It is only
/// a link and not a redirect, because without a hint nothing proves that the client sent the request.
async fn way_back(tenant: &Tenant, request: &EndSessionRequest) -> Result<Option<WayBack>, Fault> {
    let Some(client_id) = &request.client_id else { return Ok(None) };
    let Some(client) = tenant.directory.find_client(client_id).await? else { return Ok(None) };
    let address = request.way_back(&client);
    Ok(address.map(|address| WayBack { application: client.name.clone(), address }))
}

async fn confirm(
    app: &App,
    browser: &Browser,
    session: &BrowserSession,
    sign_out: &SignOut,
) -> Result<Response> {
    let known = browser.known_browser(app);
    let page = SignOutPage {
        frame: page::frame(&browser.context),
        application: sign_out.application.clone(),
        username: people::get(app, &browser.context.tenant, session.person_id).await?.username,
        csrf: known.form_token(app),
        handle: Some(Handle::request(sign_out.seal(app, &browser.context.tenant)?)),
    };
    Ok(page::with_cookie(page::show(&page)?, known.set_cookie))
}

async fn end(
    app: &App,
    browser: &Browser,
    session: Option<BrowserSession>,
    sign_out: SignOut,
    by: &'static str,
) -> Result<Response> {
    if let Some(session) = session {
        let context = browser.context.by(Actor::Person(session.person_id));
        sessions::end(app, &context, &session, browser.hash().as_deref(), by).await?;
    } else if let Some(expired) = browser.session_to_end(app).await? {
        // It has expired, but what it gave is ended for good. Nobody was asked, so sign-ins in progress stay.
        let context = browser.context.by(Actor::Person(expired.person_id));
        sessions::end(app, &context, &expired, None, by).await?;
    }
    let answer = match sign_out.return_to {
        Some(return_to) => page::see_other(&return_to.location())?,
        None => page::show(&SignedOutPage {
            frame: page::frame(&browser.context),
            continue_url: sign_out.way_back.as_ref().map(|back| back.address.location()),
            application: sign_out.way_back.map(|back| back.application),
        })?,
    };
    // A cross-site request comes without cookies and must not clear one.
    let clear = browser.brings_session().then(|| browser.context.tenant.cookies.clear(Cookie::Session));
    Ok(page::with_cookie(answer, clear))
}

/// Returns the hint if this tenant signed it, and the client to which it was issued. Any other hint counts as
/// absent.
async fn hinted(
    tenant: &Tenant,
    request: &EndSessionRequest,
) -> Result<(Option<IdTokenHint>, Option<Arc<Client>>), Fault> {
    let Some(hint) = &request.id_token_hint else { return Ok((None, None)) };
    let hint = tenant.verified_hint(hint.as_str()).await?;
    let client = match &hint {
        Some(hint) => tenant.directory.find_client(&hint.client_id).await?,
        None => None,
    };
    Ok((hint, client))
}

fn refusal(message: String) -> Refusal<'static> {
    Refusal::bad_request(
        "You were not signed out",
        message,
        "We can’t send you back to the application. If you are signed in, the button on this server’s front page signs you out.",
    )
}
