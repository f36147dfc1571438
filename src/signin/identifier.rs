//! The first step: the username. A form that a password manager has filled in with the password as well is
//! accepted.

use super::{
    client_response::redirect_to_client,
    load::{LoadedSignIn, SignInHandle, path_of},
    password, person,
    settle::{apply_event, go_to_step, save_and_show},
};
use crate::{
    app::App,
    audit::Via,
    http::urls::Path,
    journey::{Event, Step, advance},
    limits::sizes::MAX_USERNAME_CHARS,
    storage::sessions,
    themes::IdentifierPage,
    web::{Browser, Decision, Form, page},
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// Shows the username form.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let query = Query::of(request);
    let loaded = LoadedSignIn::load(app, &browser, query.handles()).await?;
    // Until something is proved, the person may still choose another account.
    if !loaded.stored.state.journey.may_identify(browser.context.now) {
        return redirect_to_current_step(app, &browser, &loaded, &loaded.step(&browser));
    }
    page::show(&IdentifierPage {
        frame: page::frame(&browser.context),
        step: loaded.page_step(app, &browser, None),
        username: loaded.stored.state.username.clone().unwrap_or_default(),
        error: loaded.stored.state.notice.clone(),
    })
}

/// Accepts a username, and a password if the form has one.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let browser = Browser::of(app, request, Via::Signin).await?;
    let form = Form::read(app, &browser, request, &body)?;
    let mut loaded = LoadedSignIn::load(app, &browser, handles(&form)).await?;
    if form.decision() == Some(Decision::Deny) {
        return apply_event(app, &browser, loaded, app.storage.begin().await?, Event::GaveUp).await;
    }
    if !loaded.stored.state.journey.may_identify(browser.context.now) {
        return go_to_step(app, &browser, loaded).await;
    }
    loaded.stored.state.notice = None;
    loaded.stored.state.blocked_until = None;
    let username = form.get("username").unwrap_or_default().trim();
    if username.is_empty()
        || username.chars().count() > MAX_USERNAME_CHARS
        || username.chars().any(char::is_control)
    {
        loaded.stored.state.notice = Some("Enter the name you sign in with.".to_owned());
        return save_and_show(app, &browser, loaded, app.storage.begin().await?, Path::SigninIdentifier)
            .await;
    }
    loaded.stored.state.username = Some(username.to_owned());
    let named = person::find(app, &loaded.client, username, browser.context.now).await?;
    let enrolled = person::named(app, &app.storage, &named, &loaded.client, loaded.request()).await?;
    let is_known = sessions::is_known(&app.storage, &loaded.stored.browser_hash, named.id).await?;
    loaded.stored.state.is_known_browser = is_known;
    match form.get("password").filter(|password| !password.is_empty()) {
        None => {
            apply_event(app, &browser, loaded, app.storage.begin().await?, Event::Identified(enrolled)).await
        }
        Some(attempt) => {
            let journey = loaded.stored.state.journey.clone();
            loaded.stored.state.journey =
                advance(journey, Event::Identified(enrolled), browser.context.now).0;
            loaded.stored.person_id = loaded.stored.state.journey.person();
            password::attempt(app, &browser, loaded, attempt).await
        }
    }
}

/// The query parameters of a page's address.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses the query of `request`; empty when it cannot be parsed.
    pub(super) fn of(request: &Request) -> Self {
        Self(crate::protocol::form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default())
    }

    /// Returns the first value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value of `name` as an integer; 0 when it is missing or not one.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// Returns the handles of the page's sign-in.
    pub(super) fn handles(&self) -> SignInHandle<'_> {
        SignInHandle { r: self.get("r"), j: self.get("j") }
    }
}

/// Returns the handles of a form's sign-in.
pub(super) fn handles(form: &Form) -> SignInHandle<'_> {
    SignInHandle { r: form.get("r"), j: form.get("j") }
}

/// Redirects from a page of another step to the current one. A complete sign-in, for example because of a
/// session begun in another tab, begins again at the authorization endpoint, as does a failed one that is not
/// stored. A stored one that has failed ends with an error at the relying party.
pub(super) fn redirect_to_current_step(
    app: &App,
    browser: &Browser,
    loaded: &LoadedSignIn,
    step: &Step,
) -> Result<Response> {
    match step {
        Step::Satisfied(_) | Step::Refused(_) => {
            let may_begin_again = !loaded.is_stored() || matches!(step, Step::Satisfied(_));
            match super::load::restart_url(app, browser, loaded.request()) {
                Some(address) if may_begin_again => page::see_other(&address),
                _ => {
                    let error = super::settle::error_of(crate::journey::SignInFailure::Cancelled);
                    let response = loaded.request().refuse(&error, app.issuer());
                    redirect_to_client(&browser.context, &response, &loaded.client.name)
                }
            }
        }
        step => page::see_other(&loaded.at(path_of(step))),
    }
}
