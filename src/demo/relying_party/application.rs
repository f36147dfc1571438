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

/// Time after which discovery document and keys are read again.
const DISCOVERY_LIFETIME: Duration = Duration::from_secs(600);
/// Lifetime of a pending sign-in, long enough to enroll a phone.
const PENDING_LIFETIME: Duration = Duration::from_secs(3600);
/// Lifetime of a session of this application.
const SESSION_LIFETIME: Duration = Duration::from_secs(8 * 3600);
/// The most pending sign-ins and the most sessions, kept in memory only.
const MAX_ENTRIES: usize = 1000;

/// The application: its settings and its state.
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
    /// Creates the application without calling the provider; fails if the HTTP client cannot be built.
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

    /// Returns the provider, discovered on first use. A failure is not cached, so the next request tries
    /// again.
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

/// Locks, also after a panic: no code leaves a half-changed value behind while it holds the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
