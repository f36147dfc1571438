//! Loads a sign-in in progress by the handle in its page: `r` before the first POST, `j` after it.

use super::{
    client_response::redirect_to_client, demand, person, sealed_request::SealedRequest, sign_in::SignIn,
};
use crate::{
    app::App,
    directory::{Client, FactorKind},
    http::urls::Path,
    journey::{Journey, Step},
    limits::{lifetimes::JOURNEY_LIFETIME_SECONDS, lockout::BrowserFamiliarity},
    protocol::{AuthorizationRequest, RedirectUri},
    storage::{
        Fault,
        journeys::{self, Found, StoredJourney},
    },
    themes,
    web::{Browser, Refusal},
};
use ::entity::ids::{JourneyId, PersonId};
use poem::{Error, Result};
use std::sync::Arc;

/// A sign-in in progress in this browser.
pub(super) struct LoadedSignIn {
    /// The stored state, or the state to be stored.
    pub stored: StoredJourney<SignIn>,
    /// The value of `r` while nothing is stored.
    pub sealed: Option<String>,
    /// The person for whom the submitted page was made, if the page asks one person only.
    pub shown_to: Option<PersonId>,
    /// The relying party.
    pub client: Arc<Client>,
}

/// The handles in a page: the values of `r` and `j`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SignInHandle<'a> {
    /// The sealed request.
    pub r: Option<&'a str>,
    /// The journey's id.
    pub j: Option<&'a str>,
}

/// A sign-in found by its handle.
pub(super) enum Loaded {
    /// In progress.
    Open(Box<LoadedSignIn>),
    /// Over.
    Closed(Box<LoadedSignIn>),
}

impl LoadedSignIn {
    /// Begins a sign-in, from this browser's session if there is one. Stores nothing.
    ///
    /// # Errors
    /// The redirect to the relying party when the request demands a person who does not exist.
    pub(super) async fn begin(
        app: &App,
        browser: &Browser,
        browser_hash: Vec<u8>,
        sealed: &SealedRequest,
        client: Arc<Client>,
    ) -> Result<Self> {
        let request = &sealed.request;
        let session = browser.session(app).await?;
        let live = match &session {
            Some(session) => person::live(app, session, &client, request).await?,
            None => None,
        };
        let demand = match demand::of(app, request, &client).await? {
            Ok(demand) => demand,
            Err(error) => {
                let response = redirect_to_client(
                    &browser.context,
                    &request.refuse(&error, app.issuer()),
                    &client.name,
                )?;
                return Err(Error::from_response(response));
            }
        };
        let username = request.login_hint.as_ref().map(|hint| hint.as_str().to_owned());
        let sign_in = SignIn {
            request: request.clone(),
            journey: Journey::begin(demand, live, sealed.began_at),
            username,
            notice: None,
            blocked_until: None,
            push_limited_until: None,
            is_known_browser: session.is_some(),
        };
        let stored = StoredJourney {
            id: JourneyId(app.entropy.id(browser.context.now)),
            workspace_id: client.workspace_id,
            person_id: sign_in.journey.person(),
            browser_hash,
            version: 1,
            state: sign_in,
            source: browser.context.rate_limit_prefix().to_string(),
            expires_at: sealed.began_at.plus_seconds(JOURNEY_LIFETIME_SECONDS),
        };
        Ok(Self { stored, sealed: None, shown_to: sealed.shown_to, client })
    }

    /// Loads the sign-in of a page.
    ///
    /// # Errors
    /// An error page when the sign-in is over, expired, or of another browser.
    pub(super) async fn load(app: &App, browser: &Browser, handles: SignInHandle<'_>) -> Result<Self> {
        match Self::find(app, browser, handles).await? {
            Loaded::Open(loaded) => Ok(*loaded),
            Loaded::Closed(loaded) => Err(loaded.finished().into_error(&browser.context)),
        }
    }

    /// Like [`LoadedSignIn::load`], but also finds a sign-in that is over. One in progress is re-evaluated
    /// with current facts.
    pub(super) async fn find(app: &App, browser: &Browser, handles: SignInHandle<'_>) -> Result<Loaded> {
        let mut loaded = Self::find_as_stored(app, browser, handles).await?;
        if let Loaded::Open(loaded) = &mut loaded
            && loaded.is_stored()
        {
            loaded.refresh(app, browser).await?;
        }
        Ok(loaded)
    }

    /// Like [`LoadedSignIn::find`], without re-evaluation: waiting pages need only the id.
    pub(super) async fn find_as_stored(
        app: &App,
        browser: &Browser,
        handles: SignInHandle<'_>,
    ) -> Result<Loaded> {
        let Some(browser_hash) = browser.hash() else {
            return Err(foreign().into_error(&browser.context));
        };
        match (handles.r, handles.j.and_then(|text| text.parse().ok())) {
            (_, Some(id)) => Self::find_stored(app, browser, id, browser_hash).await,
            (Some(sealed), None) => Self::open_sealed(app, browser, sealed, browser_hash).await,
            (None, None) => Err(foreign().into_error(&browser.context)),
        }
    }

    async fn open_sealed(app: &App, browser: &Browser, text: &str, browser_hash: Vec<u8>) -> Result<Loaded> {
        let sealed = SealedRequest::open(app, text).filter(|sealed| sealed.is_of(&browser_hash));
        let Some(sealed) = sealed else { return Err(foreign().into_error(&browser.context)) };
        let client = client_of(app, browser, &sealed.request).await?;
        if browser.context.now.seconds_since(sealed.began_at) >= JOURNEY_LIFETIME_SECONDS {
            return Err(expired(app, browser, &client, &sealed.request).into_error(&browser.context));
        }
        let mut loaded = Self::begin(app, browser, browser_hash, &sealed, client).await?;
        loaded.sealed = Some(text.to_owned());
        Ok(Loaded::Open(Box::new(loaded)))
    }

    async fn find_stored(
        app: &App,
        browser: &Browser,
        id: JourneyId,
        browser_hash: Vec<u8>,
    ) -> Result<Loaded> {
        let found = journeys::find::<SignIn>(&app.storage, id, &browser_hash, browser.context.now).await?;
        let with_client = async |stored: StoredJourney<SignIn>| {
            let client = client_of(app, browser, &stored.state.request).await?;
            Ok::<_, Error>(Box::new(Self { stored, sealed: None, shown_to: None, client }))
        };
        match found {
            Found::Open(stored) => Ok(Loaded::Open(with_client(*stored).await?)),
            Found::Closed(stored) => Ok(Loaded::Closed(with_client(*stored).await?)),
            Found::Expired(stored) => {
                let client = client_of(app, browser, &stored.state.request).await?;
                Err(expired(app, browser, &client, &stored.state.request).into_error(&browser.context))
            }
            Found::Unknown => Err(foreign().into_error(&browser.context)),
            Found::Unreadable => Err(unreadable().into_error(&browser.context)),
        }
    }

    /// Returns the current step.
    pub(super) fn step(&self, browser: &Browser) -> Step {
        self.stored.state.journey.step(browser.context.now)
    }

    /// Returns the authorization request.
    pub(super) fn request(&self) -> &AuthorizationRequest {
        &self.stored.state.request
    }

    /// Returns whether this browser has signed this person in before.
    pub(super) fn known_or_not(&self) -> BrowserFamiliarity {
        if self.stored.state.is_known_browser {
            BrowserFamiliarity::Known
        } else {
            BrowserFamiliarity::Unknown
        }
    }

    /// Returns whether the sign-in is stored.
    pub(super) fn is_stored(&self) -> bool {
        self.sealed.is_none()
    }

    /// Returns the address of `path` with this sign-in's handle.
    pub(super) fn at(&self, path: Path) -> String {
        match &self.sealed {
            Some(sealed) => path.with([("r", sealed.as_str())]),
            None => path.with([("j", self.stored.id.to_string().as_str())]),
        }
    }

    /// Returns what every page of the sign-in contains.
    pub(super) fn page_step(
        &self,
        app: &App,
        browser: &Browser,
        reason: Option<String>,
    ) -> themes::StepFrame {
        let handle = match &self.sealed {
            Some(sealed) => themes::Handle::request(sealed.clone()),
            None => themes::Handle::journey(self.stored.id.to_string()),
        };
        themes::StepFrame {
            application: self.client.name.clone(),
            csrf: browser.form_token(app),
            handle,
            reason,
        }
    }

    /// Does the same for a page that asks the current person: its form is void once another person is signed
    /// in.
    pub(super) fn page_step_for_person(
        &self,
        app: &App,
        browser: &Browser,
    ) -> Result<themes::StepFrame, Fault> {
        let step = self.page_step(app, browser, None);
        if self.is_stored() {
            return Ok(step);
        }
        let journey = &self.stored.state.journey;
        let sealed = SealedRequest {
            request: self.request().clone(),
            began_at: journey.began_at(),
            browser_hash: Some(self.stored.browser_hash.clone()),
            shown_to: None,
        };
        let handle = themes::Handle::request(sealed.seal_for(app, journey.person())?);
        Ok(themes::StepFrame { handle, ..step })
    }

    /// Returns whether the submitted page was made for another person than the current one.
    pub(super) fn is_of_another_person(&self) -> bool {
        self.shown_to.is_some_and(|person| self.stored.state.journey.person() != Some(person))
    }

    /// Returns the page for a sign-in that is over.
    pub(super) fn finished(&self) -> Refusal<'_> {
        Refusal {
            application: Some(&self.client.name),
            status: http::StatusCode::GONE,
            ..Refusal::bad_request(
                "This sign-in is finished",
                format!("It has been completed or stopped already, and {} has its answer.", self.client.name),
                "Go back to the application. If you are not signed in there, sign in again.",
            )
        }
    }
}

/// Returns the page of a step.
pub(super) fn path_of(step: &Step) -> Path {
    match step {
        Step::Identify | Step::Satisfied(_) | Step::Refused(_) => Path::SigninIdentifier,
        Step::Prove { kind: FactorKind::Password, .. } => Path::SigninPassword,
        Step::Prove { kind: FactorKind::Push, .. } => Path::SigninPush,
        Step::Prove { kind: FactorKind::Totp, .. } => Path::SigninTotp,
        Step::Enroll(_) => Path::SigninEnroll,
        Step::Consent => Path::Consent,
    }
}

/// Returns the address that begins the same request again, without its proofs; `None` when the request is too
/// long.
pub(super) fn restart_url(app: &App, browser: &Browser, request: &AuthorizationRequest) -> Option<String> {
    let sealed = SealedRequest {
        request: request.clone(),
        began_at: browser.context.now,
        browser_hash: None,
        shown_to: None,
    };
    let sealed = sealed.seal(app).ok()?;
    Some(Path::Authorize.with([("r", sealed.as_str())]))
}

/// Returns the client of a request, if it is enabled and still has the request's `redirect_uri`: a sealed
/// request may be much older than the client's current settings.
pub(super) async fn client_of(
    app: &App,
    browser: &Browser,
    request: &AuthorizationRequest,
) -> Result<Arc<Client>> {
    let client = app.directory.client(request.client_key).await?;
    if client.is_disabled {
        let refusal = Refusal::bad_request(
            "This application is switched off",
            "Nobody can sign in to it at the moment.",
            "Ask the people who run it.",
        );
        return Err(refusal.into_error(&browser.context));
    }
    let redirect_uri = request.return_address.redirect_uri.as_str();
    if RedirectUri::matching(redirect_uri, &client.settings.redirect_uris).is_none() {
        let refusal = Refusal::bad_request(
            "The application’s request is no longer valid",
            "The address that it returns to is not registered any more.",
            "Go back to the application and sign in from there.",
        );
        return Err(refusal.into_error(&browser.context));
    }
    Ok(client)
}

fn foreign() -> Refusal<'static> {
    Refusal::bad_request(
        "This sign-in was not begun in this browser",
        "The address of this page belongs to another browser, or this one keeps no cookies.",
        "Go back to the application and sign in from there. Never continue a sign-in that somebody sent you.",
    )
}

/// Returns the page for a sign-in that a newer version of the server has stored.
fn unreadable() -> Refusal<'static> {
    Refusal {
        status: http::StatusCode::GONE,
        ..Refusal::bad_request(
            "This sign-in cannot be continued",
            "The server is being updated, and part of it is not ready for this sign-in.",
            "Go back to the application and sign in from there.",
        )
    }
}

fn expired<'a>(
    app: &App,
    browser: &Browser,
    client: &'a Client,
    request: &AuthorizationRequest,
) -> Refusal<'a> {
    Refusal {
        application: Some(&client.name),
        status: http::StatusCode::GONE,
        retry_url: restart_url(app, browser, request),
        ..Refusal::bad_request(
            "This sign-in has ended",
            format!("It was not finished within {} minutes.", JOURNEY_LIFETIME_SECONDS / 60),
            "Begin again: you come to the same place.",
        )
    }
}
