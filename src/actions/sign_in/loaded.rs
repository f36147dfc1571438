//! A sign-in in progress in one browser: its state and its client.

use super::{
    Purpose, SignIn, SignInError, Visit,
    completion::refuse,
    demand,
    person::{self, unnamed},
    sealed_request::{SealedRequest, fits_in_address},
};
use crate::{
    actions::new_password,
    app::{App, RequestContext, Tenant},
    audit::{Actor, AuditTarget, about},
    clock::Timestamp,
    directory::Client,
    fault::Fault,
    journey::{Advanced, Effect, Event, Inputs, Journey, Step, advance},
    limits::lifetimes::JOURNEY_LIFETIME_SECONDS,
    storage::{journeys::StoredJourney, people, sessions},
};
use ::entity::ids::{JourneyId, PersonId};
use std::sync::Arc;

/// A sign-in in progress in this browser.
pub struct LoadedSignIn {
    /// The stored state, or the state to be stored.
    pub(super) stored: StoredJourney<SignIn>,
    /// The value of `r` while nothing is stored.
    pub(super) sealed: Option<String>,
    /// The person for whom the submitted page was made, if the page asks one person only.
    pub(super) shown_to: Option<PersonId>,
    /// The tenant.
    pub(super) tenant: Arc<Tenant>,
    /// The relying party.
    pub(super) client: Arc<Client>,
    /// The policy, the person's methods and the client's demand, as they were read for this request. While the
    /// sign-in is only found, they name no person.
    pub(super) inputs: Inputs,
}

/// The handle by which a page names its sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handle<'a> {
    /// The sealed request, while nothing is stored.
    Request(&'a str),
    /// The journey's id.
    Journey(JourneyId),
}

impl LoadedSignIn {
    /// Begins a sign-in, from this browser's session if there is one. Stores nothing.
    ///
    /// # Errors
    /// [`SignInError::Rejected`] when the request demands a person who does not exist.
    pub(super) async fn begin(
        visit: Visit<'_>,
        browser_hash: Vec<u8>,
        sealed: &SealedRequest,
        client: Arc<Client>,
    ) -> Result<Self, SignInError> {
        let (app, now, purpose) = (visit.app, visit.context.now, &sealed.purpose);
        let tenant = Arc::clone(&visit.context.tenant);
        let session = match &visit.cookies.session {
            Some(token_hash) => sessions::find(&app.storage, tenant.workspace.id, token_hash, now).await?,
            None => None,
        };
        let (live, inputs) = match &session {
            Some(session) => person::live(app, session, &client, purpose).await?,
            None => None,
        }
        .unzip();
        let demand = demand::of(&tenant, purpose, &client).await?;
        let demand = demand.map_err(|error| SignInError::Rejected {
            completion: Box::new(refuse(&tenant, purpose, &client, &error)),
        })?;
        let sign_in = SignIn {
            purpose: purpose.clone(),
            journey: Journey::begin(demand, live, sealed.began_at),
            username: purpose.username(),
            notice: None,
            is_notice_about_repetition: false,
            blocked_until: None,
            push_limited_until: None,
            is_known_browser: session.is_some(),
        };
        let stored = StoredJourney {
            id: JourneyId(app.entropy.id(now)),
            workspace_id: client.workspace_id,
            person_id: sign_in.journey.proved_person(),
            has_proof: sign_in.journey.proved_person().is_some(),
            browser_hash,
            version: 1,
            state: sign_in,
            source: visit.context.rate_limit_prefix(),
            expires_at: sealed.began_at.plus_seconds(JOURNEY_LIFETIME_SECONDS),
        };
        let inputs = inputs.unwrap_or_else(|| unnamed(&client));
        Ok(Self { stored, sealed: None, shown_to: sealed.shown_to, tenant, client, inputs })
    }

    /// Returns the current step.
    pub fn step(&self, now: Timestamp) -> Step {
        self.journey().step(&self.inputs, now)
    }

    /// Returns the state.
    pub fn state(&self) -> &SignIn {
        &self.stored.state
    }

    /// Returns the journey.
    pub fn journey(&self) -> &Journey {
        &self.stored.state.journey
    }

    /// Returns the person who is signing in; perhaps nothing is proved yet.
    pub fn person(&self) -> Option<PersonId> {
        self.journey().person(&self.inputs)
    }

    /// Returns whether a username may still be entered.
    pub fn may_identify(&self, now: Timestamp) -> bool {
        self.journey().may_identify(&self.inputs, now)
    }

    /// Returns whether the person who proved something may not sign in here any more.
    pub fn is_barred(&self) -> bool {
        self.journey().is_barred(&self.inputs)
    }

    /// Returns whether a second factor of the person was proved in this sign-in.
    pub(super) fn is_proved_by_second_factor(&self) -> bool {
        self.journey().is_proved_by_second_factor(&self.inputs)
    }

    /// Returns what the sign-in is for.
    pub fn purpose(&self) -> &Purpose {
        &self.stored.state.purpose
    }

    /// Returns the tenant.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Returns the client's name.
    pub fn application(&self) -> &str {
        &self.client.name
    }

    /// Returns the id under which it is stored, or will be.
    pub fn id(&self) -> JourneyId {
        self.stored.id
    }

    /// Returns whether the sign-in is stored.
    pub fn is_stored(&self) -> bool {
        self.sealed.is_none()
    }

    /// Returns whether its pages travel in forms only, because no address can carry its request.
    pub fn is_too_long_for_an_address(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| !fits_in_address(sealed))
    }

    /// Returns the handle for its pages.
    pub fn handle(&self) -> Handle<'_> {
        match &self.sealed {
            Some(sealed) => Handle::Request(sealed),
            None => Handle::Journey(self.stored.id),
        }
    }

    /// Seals the handle of a page that asks the current person: its form is void once another person is
    /// signed in. `None` when the sign-in is stored.
    ///
    /// # Errors
    /// When the request cannot be written as JSON.
    pub fn seal_for_person(&self, app: &App) -> Result<Option<String>, Fault> {
        if self.is_stored() {
            return Ok(None);
        }
        let sealed = SealedRequest {
            purpose: self.purpose().clone(),
            began_at: self.journey().began_at(),
            browser_hash: Some(self.stored.browser_hash.clone()),
            shown_to: None,
        };
        sealed.seal_for(app, &self.tenant, self.person()).map(Some)
    }

    /// Returns whether the submitted page was made for another person than the current one.
    pub(super) fn is_of_another_person(&self) -> bool {
        self.shown_to.is_some_and(|person| self.person() != Some(person))
    }

    /// Returns the username of the session's person, or else the name exactly as typed: the directory's
    /// spelling would reveal that the name exists.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shown_username(&self, app: &App) -> Result<String, Fault> {
        match self.person().filter(|_| self.journey().is_of_session()) {
            Some(person) => Ok(people::get(&app.storage, person).await?.username),
            None => Ok(self.state().username.clone().unwrap_or_default()),
        }
    }

    /// Returns the fewest characters of a new password of the person who is signing in.
    ///
    /// # Errors
    /// When no person is named yet, or the database does not answer.
    pub async fn least_password_chars(&self, app: &App) -> Result<usize, Fault> {
        let person = self.person().ok_or_else(|| Fault::broken("no person is named"))?;
        let pool = self.tenant.directory.pool(people::get(&app.storage, person).await?.pool_id).await?;
        Ok(new_password::protects(&pool).least_chars())
    }

    /// Lets an event change the sign-in, with what its row says of it.
    pub(super) fn advance(&mut self, event: Event, now: Timestamp) -> (Step, Vec<Effect>) {
        let Advanced { journey, inputs, step, effects } =
            advance(self.journey().clone(), self.inputs.clone(), event, now);
        self.stored.person_id = journey.proved_person();
        self.stored.has_proof = self.stored.person_id.is_some();
        self.stored.state.journey = journey;
        self.inputs = inputs;
        (step, effects)
    }

    /// Returns the hash of the cookie of the browser that began it.
    pub fn browser_hash(&self) -> &[u8] {
        &self.stored.browser_hash
    }

    /// Returns the context of the browser's request. Its actor is the person who is signing in, once a factor
    /// is proved or the browser's session is theirs.
    pub(super) fn context(&self, visit: Visit<'_>) -> RequestContext {
        let person = self.journey().proved_person();
        visit.context.by(person.map_or(Actor::Anonymous, Actor::Person))
    }

    /// Describes an event about this sign-in.
    pub(super) fn about(&self) -> AuditTarget {
        about(self.stored.id).person(self.person()).client(self.client.key)
    }

    /// Returns the error for a sign-in that is over.
    pub fn finished(&self) -> SignInError {
        SignInError::Finished { application: self.client.name.clone() }
    }
}
