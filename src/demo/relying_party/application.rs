use super::authorization::PendingSignIn;
use super::bounded::Bounded;
use super::failure::Failure;
use super::http_client::HttpClient;
use super::identity::Identity;
use super::provider::Provider;
use super::settings::RelyingPartySettings;
use crate::clock::{Clock, Timestamp};
use crate::entropy::Entropy;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What this application calls itself; to be registered as its client name.
pub const APPLICATION_NAME: &str = "Inkwell";

/// After how long the discovery document and the keys are read again.
const DISCOVERY_LIFETIME: Duration = Duration::from_secs(600);
/// How long a sign-in may be under way: enrolling a phone takes its time.
const PENDING_LIFETIME: Duration = Duration::from_secs(3600);
/// How long someone stays signed in here.
const SESSION_LIFETIME: Duration = Duration::from_secs(8 * 3600);
/// How many of each are kept, in memory alone.
const MAX_ENTRIES: usize = 1000;

/// The application: what it was given, and what it remembers.
pub struct RelyingParty {
    pub(super) settings: RelyingPartySettings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) http: HttpClient,
    discovered: Mutex<Option<(Timestamp, Arc<Provider>)>>,
    pending: Mutex<Bounded<PendingSignIn>>,
    sessions: Mutex<Bounded<Identity>>,
}

impl RelyingParty {
    /// An application that knows its provider by its issuer and has not called it yet.
    pub fn new(
        settings: RelyingPartySettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: HttpClient::for_issuer(&settings.issuer)?,
            settings,
            clock,
            entropy,
            discovered: Mutex::new(None),
            pending: Mutex::new(Bounded::new(MAX_ENTRIES, PENDING_LIFETIME)),
            sessions: Mutex::new(Bounded::new(MAX_ENTRIES, SESSION_LIFETIME)),
        })
    }

    /// The provider, discovered on first use; a failure is not remembered, so the next request tries again.
    pub(super) async fn provider(&self) -> Result<Arc<Provider>, Failure> {
        let now = self.clock.now();
        if let Some((since, provider)) = lock(&self.discovered).clone()
            && now.0.saturating_sub(since.0) < DISCOVERY_LIFETIME.as_millis() as i64
        {
            return Ok(provider);
        }
        let provider = Arc::new(Provider::discover(&self.settings, &self.http).await?);
        *lock(&self.discovered) = Some((now, provider.clone()));
        Ok(provider)
    }

    pub(super) fn pending(&self) -> MutexGuard<'_, Bounded<PendingSignIn>> {
        lock(&self.pending)
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Bounded<Identity>> {
        lock(&self.sessions)
    }
}

/// No lock is held across anything that could leave its value half changed, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
