//! The consent step: the person allows or denies the scopes that the application requests.

use super::{
    identifier::{Query, handles, redirect_to_current_step},
    load::{LoadedSignIn, path_of},
    password, person,
    settle::{apply_event, go_to_step},
};
use crate::{
    app::App,
    audit::Via,
    http::urls::Path,
    journey::{Event, Step},
    themes::{ConsentPage, ScopeSentence},
    web::{Browser, Decision, Form, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the consent form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = LoadedSignIn::load(app, &browser, query.handles()).await?;
    let step = loaded.step(&browser);
    if step != Step::Consent {
        return redirect_to_current_step(app, &browser, &loaded, &step);
    }
    let scopes = person::scopes_to_consent(loaded.request());
    let redirect_uri = loaded.request().return_address.redirect_uri.as_str();
    page::show(&ConsentPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step_for_person(app, &browser)?,
        username: password::username(app, &loaded).await?,
        scopes: scopes.iter().map(|scope| ScopeSentence::of(scope.as_str())).collect(),
        destination: destination(redirect_uri),
    })
}

/// Accepts the decision. An approval is remembered when the sign-in succeeds.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let loaded = LoadedSignIn::load(app, &browser, handles(&form)).await?;
    if loaded.is_of_another_person() {
        return page::see_other(&loaded.at(path_of(&loaded.step(&browser))));
    }
    let event = match form.decision() {
        // A denial counts whatever has changed since the page was shown.
        Some(Decision::Deny) => Event::GaveUp,
        _ if loaded.step(&browser) != Step::Consent => return go_to_step(app, &browser, loaded).await,
        Some(Decision::Allow) => Event::Consented,
        None => return page::see_other(&loaded.at(Path::Consent)),
    };
    apply_event(app, &browser, loaded, app.storage.begin().await?, event).await
}

/// Returns the destination of the response as people read it: the host, or the scheme of an app.
fn destination(redirect_uri: &str) -> String {
    let parsed = url::Url::parse(redirect_uri).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str().map(str::to_owned));
    host.or_else(|| parsed.map(|url| url.scheme().to_owned())).unwrap_or_default()
}
