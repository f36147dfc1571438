//! The first step: who signs in. A browser that fills in the password as well is taken at its word.

use super::{
    form::{Decision, Form},
    page, password, person,
    progress::{Handles, Progress, path_of},
    settle::{settle, stay},
    visit::Visit,
};
use crate::{
    app::App,
    http::urls::Path,
    journey::{Event, Step, advance},
    storage::sessions,
    themes::IdentifierPage,
};
use poem::{Request, Response, Result, handler, web::Data};
use std::sync::Arc;

/// The longest name that is looked up, in characters.
const USERNAME_LIMIT: usize = 256;

/// The page.
#[handler]
pub async fn get(request: &Request, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let query = Query::of(request);
    let progress = Progress::load(app, &visit, query.handles()).await?;
    // Who has proved nothing yet may still say that it is somebody else.
    if !progress.stored.state.journey.may_identify(visit.now) {
        return lead(app, &visit, &progress, &progress.step(&visit)).await;
    }
    page::show(&IdentifierPage {
        frame: page::frame(app).await?,
        step: progress.page_step(app, &visit, None),
        username: progress.stored.state.username.clone().unwrap_or_default(),
        error: progress.stored.state.notice.clone(),
    })
}

/// A name, and perhaps the password.
#[handler]
pub async fn post(request: &Request, body: Vec<u8>, Data(app): Data<&Arc<App>>) -> Result<Response> {
    let visit = Visit::of(app, request);
    let form = Form::read(app, &visit, request, &body).await?;
    let mut progress = Progress::load(app, &visit, handles(&form)).await?;
    if form.decision() == Some(Decision::Deny) {
        return settle(app, &visit, progress, app.storage.begin().await?, Event::GaveUp).await;
    }
    if !progress.stored.state.journey.may_identify(visit.now) {
        return page::see_other(&progress.at(path_of(&progress.step(&visit))));
    }
    progress.stored.state.notice = None;
    progress.stored.state.blocked_until = None;
    let username = form.get("username").unwrap_or_default().trim();
    if username.is_empty()
        || username.chars().count() > USERNAME_LIMIT
        || username.chars().any(char::is_control)
    {
        progress.stored.state.notice = Some("Enter the name you sign in with.".to_owned());
        return stay(app, &visit, progress, app.storage.begin().await?, Path::SigninIdentifier).await;
    }
    progress.stored.state.username = Some(username.to_owned());
    let named = person::find(app, &progress.client, username, visit.now).await?;
    let enrolled = person::named(app, &named, &progress.client, progress.request()).await?;
    let is_known = sessions::is_known(&app.storage, &progress.stored.browser_hash, named.id).await?;
    progress.stored.state.is_known_browser = is_known;
    match form.get("password").filter(|password| !password.is_empty()) {
        None => settle(app, &visit, progress, app.storage.begin().await?, Event::Identified(enrolled)).await,
        Some(attempt) => {
            let journey = progress.stored.state.journey.clone();
            progress.stored.state.journey = advance(journey, Event::Identified(enrolled), visit.now).0;
            progress.stored.person_id = progress.stored.state.journey.person();
            password::attempt(app, &visit, progress, attempt).await
        }
    }
}

/// What a page's address says.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The query of `request`; nothing when it cannot be read.
    pub(super) fn of(request: &Request) -> Self {
        Self(crate::protocol::form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default())
    }

    /// The value of `name`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name` as a whole number; 0 when it is none.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// Which sign-in the page belongs to.
    pub(super) fn handles(&self) -> Handles<'_> {
        Handles { r: self.get("r"), j: self.get("j") }
    }
}

/// Which sign-in a form belongs to.
pub(super) fn handles(form: &Form) -> Handles<'_> {
    Handles { r: form.get("r"), j: form.get("j") }
}

/// From a page that is not the current one to the one that is. A sign-in that turns out to be complete or over, such as
/// by a session begun in another tab, is looked at again from its beginning.
pub(super) async fn lead(app: &App, visit: &Visit, progress: &Progress, step: &Step) -> Result<Response> {
    match step {
        Step::Satisfied(_) | Step::Refused(_) => {
            match super::progress::begin_again(app, visit, progress.request()) {
                Some(address) if !progress.is_stored() => page::see_other(&address),
                _ => {
                    let error = super::settle::error_of(crate::journey::SignInFailure::Cancelled);
                    let response = progress.request().refuse(&error, app.issuer());
                    page::depart(app, &response, &progress.client.name).await
                }
            }
        }
        step => page::see_other(&progress.at(path_of(step))),
    }
}
