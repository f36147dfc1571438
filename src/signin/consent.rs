//! The consent step: the person allows or denies the scopes that the application requests.

use super::{navigation::PageVisit, step_page};
use crate::{
    app::App,
    journey::Step,
    protocol::AuthorizationRequest,
    themes::{ConsentPage, ScopeSentence},
    web::page,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the consent form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = PageVisit::at(app, request, |step| *step == Step::Consent).await?;
    show(app, &visit).await
}

/// Shows the consent form of this sign-in.
pub(super) async fn show(app: &App, visit: &PageVisit) -> Result<Response> {
    let (browser, sign_in) = (&visit.browser, &visit.sign_in);
    let scopes = sign_in.purpose().scopes_to_consent();
    page::show(&ConsentPage {
        frame: page::frame(&browser.context),
        step: step_page::frame_for_person(app, browser, sign_in)?,
        username: sign_in.shown_username(app).await?,
        scopes: scopes.iter().map(|scope| ScopeSentence::of(scope.as_str())).collect(),
        destination: sign_in.purpose().request().map(destination).unwrap_or_default(),
    })
}

/// Returns the destination of the response as people read it: the host, or the scheme of an app.
fn destination(request: &AuthorizationRequest) -> String {
    let parsed = url::Url::parse(request.return_address.redirect_uri.as_str()).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str().map(str::to_owned));
    host.or_else(|| parsed.map(|url| url.scheme().to_owned())).unwrap_or_default()
}
