//! The authorization endpoint (OpenID Connect Core §3.1.2): begins every sign-in, by GET or POST.

use super::{arrival::begin, client_response::redirect_to_client, navigation::carry_on};
use crate::{
    actions::sign_in::{Purpose, SealedRequest, TooLong, fits_in_address},
    app::App,
    audit::Via,
    directory::Client,
    http::{csrf::is_cross_site, urls::Path},
    protocol::{AuthorizationRequest, OAuthReason, RawAuthorizationRequest, Unaddressable, form_pairs},
    web::{Browser, Refusal, check_type, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Handles a request by GET: responds at once if the browser's session suffices, otherwise redirects to the
/// first step. Writes nothing if the browser has no session.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    if let Some(answer) = page::without_effect(request) {
        return Ok(answer);
    }
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = request.uri().query().unwrap_or_default();
    if let Some((sealed, _)) = carried_over(app, &browser, query) {
        return begin(app, &browser, sealed.purpose).await;
    }
    let (request, _) = receive(&browser, query).await?;
    begin(app, &browser, Purpose::Authorize(Box::new(request))).await
}

/// Handles a request by POST. It may come from another site, so that the browser withholds its cookies
/// (`SameSite`): the request is checked and sealed, and handled again after a redirect, with which the
/// browser sends them; where no address can carry it, a page of this server posts it once more.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    check_type(&browser.context, request, &body)?;
    let Ok(body) = String::from_utf8(body) else {
        let refusal = Refusal::bad_request(
            "The application’s request is not valid",
            "The form that it sent is not UTF-8.",
            "Tell the people who run the application.",
        );
        return Err(refusal.into_error(&browser.context));
    };
    match carried_over(app, &browser, &body) {
        Some((_, r)) if is_cross_site(request.headers()) => {
            return carry_on(&browser.context, Path::Authorize, None, r);
        }
        Some((sealed, _)) => return begin(app, &browser, sealed.purpose).await,
        None => {}
    }
    let (request, client) = receive(&browser, &body).await?;
    let (context, tenant) = (&browser.context, &browser.context.tenant);
    let refused = request.refuse(&OAuthReason::RequestTooLong.into(), tenant.issuer());
    let sealed = SealedRequest {
        purpose: Purpose::Authorize(Box::new(request)),
        began_at: browser.context.now,
        browser_hash: None,
        shown_to: None,
    };
    match sealed.seal(app, tenant) {
        Ok(r) if fits_in_address(&r) => {
            page::see_other(&tenant.urls.with(Path::Authorize, [("r", r.as_str())]))
        }
        Ok(r) => carry_on(context, Path::Authorize, Some(&client.name), r),
        Err(TooLong) => redirect_to_client(context, &refused, &client.name),
    }
}

/// Parses a request, finds its client and `redirect_uri`, and validates the rest. Errors before the
/// `redirect_uri` is known are shown as a page; later ones are sent to the client.
async fn receive(browser: &Browser, encoded: &str) -> Result<(AuthorizationRequest, Arc<Client>)> {
    let Ok(pairs) = form_pairs(encoded) else {
        let refusal = Refusal::bad_request(
            "The application’s request is not valid",
            "Its parameters are not percent-encoded UTF-8.",
            "Tell the people who run the application.",
        );
        return Err(refusal.into_error(&browser.context));
    };
    let raw = RawAuthorizationRequest::parse(pairs);
    let client = match raw.client_id() {
        Ok(client_id) => browser.context.tenant.directory.find_client(client_id).await?,
        Err(_) => None,
    };
    let addressed = match raw.address(client.as_deref()) {
        Ok(addressed) => addressed,
        Err(problem) => return Err(unaddressable(&problem).into_error(&browser.context)),
    };
    let Some(client) = client else {
        return Err(crate::fault::Fault::broken("a request was addressed without a client").into());
    };
    match addressed.check() {
        Ok(request) => Ok((request, client)),
        Err(error) => {
            let refused = addressed.refuse(&error, browser.context.tenant.issuer());
            let response = redirect_to_client(&browser.context, &refused, &client.name)?;
            Err(poem::Error::from_response(response))
        }
    }
}

/// Returns the request of a value `r` that is bound to no browser: it came by POST, or begins a sign-in
/// again.
fn carried_over(app: &App, browser: &Browser, encoded: &str) -> Option<(SealedRequest, String)> {
    let (_, r) = form_pairs(encoded).ok()?.into_iter().find(|(name, _)| name == "r")?;
    let sealed = SealedRequest::open(app, &browser.context.tenant, &r)
        .filter(|sealed| sealed.browser_hash.is_none())?;
    Some((sealed, r))
}

fn unaddressable(problem: &Unaddressable) -> Refusal<'static> {
    Refusal::bad_request(
        "The application’s request is not valid",
        problem.to_string(),
        "We can’t send you back, because this request does not reliably say where to. Show this page to the people who run the application.",
    )
}
