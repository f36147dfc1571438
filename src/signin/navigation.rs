//! From page to page: which sign-in a request is about, and where it leads the browser.

use super::{client_response, error_page, factor_page};
use crate::{
    actions::sign_in::{
        self, Completion, GivenHandle, Handle, LoadedSignIn, Next, StepPage, restart_request, restart_url,
    },
    app::{App, RequestContext},
    audit::Via,
    http::{cookies::Cookie, urls::Path},
    journey::{SignInFailure, Step},
    protocol::form_pairs,
    themes::CarryOnPage,
    web::{Browser, page},
};
use poem::{Error, Request, Response, Result};

/// The query parameter, and its value, by which a page explains why no phone was added.
pub(super) const OVERTAKEN: (&str, &str) = ("notice", "second_factor_exists");

/// The query parameters of a page's address.
#[derive(Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses the query of `request`; empty when it cannot be parsed.
    pub(super) fn of(request: &Request) -> Self {
        Self(form_pairs(request.uri().query().unwrap_or_default()).unwrap_or_default())
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
    pub(super) fn handle(&self) -> GivenHandle<'_> {
        GivenHandle { r: self.get("r"), j: self.get("j") }
    }
}

/// A GET of a page of a sign-in.
pub(super) struct PageVisit {
    /// The browser.
    pub browser: Browser,
    /// The query of the page's address.
    pub query: Query,
    /// The sign-in.
    pub sign_in: LoadedSignIn,
    /// Its current step.
    pub step: Step,
}

impl PageVisit {
    /// Loads the sign-in of a page.
    ///
    /// # Errors
    /// An error page when the sign-in cannot go on.
    pub(super) async fn load(app: &App, request: &Request) -> Result<Self> {
        let browser = Browser::of(app, request, Via::Signin).await?;
        let query = Query::of(request);
        let sign_in = sign_in::load(browser.visit(app), query.handle()).await;
        let sign_in = sign_in.map_err(|error| error_page::show(&browser.context, error))?;
        let step = sign_in.step(browser.context.now);
        Ok(Self { browser, query, sign_in, step })
    }

    /// Loads the sign-in of a page whose turn it is.
    ///
    /// # Errors
    /// An error page when the sign-in cannot go on; a redirect to the current step when it is another one.
    pub(super) async fn at(app: &App, request: &Request, is_due: impl FnOnce(&Step) -> bool) -> Result<Self> {
        let visit = Self::load(app, request).await?;
        if is_due(&visit.step) { Ok(visit) } else { Err(Error::from_response(visit.leave(app)?)) }
    }

    /// Redirects to the current step.
    pub(super) fn leave(&self, app: &App) -> Result<Response> {
        redirect_to_current_step(app, &self.browser, &self.sign_in, &self.step)
    }
}

/// Leads the browser to what comes next, by a redirect.
pub(super) fn lead(browser: &Browser, next: Next) -> Result<Response> {
    match next {
        Next::Show(sign_in, at) => page::see_other(&address(&sign_in, at)),
        Next::Overtaken(sign_in, at) => page::see_other(&overtaken_address(&sign_in, at)),
        Next::Done(completion) => leave(browser, *completion),
    }
}

fn leave(browser: &Browser, completion: Completion) -> Result<Response> {
    let cookies = &browser.context.tenant.cookies;
    let cookie = completion.session_token.and_then(|token| cookies.set(Cookie::Session, &token, None));
    Ok(page::with_cookie(client_response::leave(&browser.context, &completion.exit)?, cookie))
}

/// Returns the address of a page of this sign-in.
pub(super) fn address(sign_in: &LoadedSignIn, at: StepPage) -> String {
    let (urls, path) = (&sign_in.tenant().urls, path_of(at));
    match sign_in.handle() {
        Handle::Request(sealed) => urls.with(path, [("r", sealed)]),
        Handle::Journey(id) => urls.with(path, [("j", id.to_string().as_str())]),
    }
}

/// Returns the address of a page that explains why no phone was added.
pub(super) fn overtaken_address(sign_in: &LoadedSignIn, at: StepPage) -> String {
    format!("{}&{}={}", address(sign_in, at), OVERTAKEN.0, OVERTAKEN.1)
}

fn path_of(at: StepPage) -> Path {
    match at {
        StepPage::Identifier => Path::SigninIdentifier,
        StepPage::Factor(kind) => factor_page::path(kind),
        StepPage::NewPassword => Path::SigninNewPassword,
        StepPage::Enroll => Path::SigninEnroll,
        StepPage::Consent => Path::Consent,
    }
}

/// Redirects from a page of another step to the current one. A complete sign-in, for example because of a
/// session begun in another tab, begins again at the authorization endpoint, as does a failed one that is not
/// stored. A stored one that has failed ends with an error at the relying party.
pub(super) fn redirect_to_current_step(
    app: &App,
    browser: &Browser,
    sign_in: &LoadedSignIn,
    step: &Step,
) -> Result<Response> {
    let may_begin_again = match step {
        Step::Satisfied(_) => true,
        Step::Refused(_) => !sign_in.is_stored(),
        step => return page::see_other(&address(sign_in, StepPage::of(step))),
    };
    let (tenant, purpose, now) = (sign_in.tenant(), sign_in.purpose(), browser.context.now);
    if !may_begin_again {
        return lead(browser, sign_in::leave(sign_in, SignInFailure::Cancelled));
    }
    match (restart_url(app, tenant, purpose, now), restart_request(app, tenant, purpose, now)) {
        (Some(address), _) => page::see_other(&address),
        (None, Some(request)) => {
            carry_on(&browser.context, Path::Authorize, Some(sign_in.application()), request)
        }
        (None, None) => lead(browser, sign_in::leave(sign_in, SignInFailure::Cancelled)),
    }
}

/// Shows the page that posts a sealed request to `path` once more, where no address can carry it.
pub(super) fn carry_on(
    context: &RequestContext,
    path: Path,
    application: Option<&str>,
    request: String,
) -> Result<Response> {
    page::show(&CarryOnPage {
        frame: page::frame(context),
        application: application.map(str::to_owned),
        action: path.as_str().to_owned(),
        request,
    })
}
