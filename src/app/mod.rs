//! What is wired once, and handed to every request.
//!
//! Never answers a request itself.
//! Spec: none.
//! Called by: `main`, `demo` and the tests, which build it; the faces, which use it.

mod audit_trail;
mod bootstrap;
mod directory_cache;
mod endings;
mod first_start;
mod geo_point;
mod geoip;
mod hashing;
mod issuer;
mod notices;
mod readiness;
mod registration;
mod retention;
pub mod sealed_columns;
mod setup_link;
mod shutdown;
mod workers;
mod workspace_keys;

pub use directory_cache::{DEFAULT_WORKSPACE, DirectoryCache};
pub use first_start::FIRST_POOL;
pub use geoip::GeoIp;
pub use hashing::{Hashing, Overloaded};
pub use readiness::Readiness;
pub use registration::{NewClient, NewPerson};
pub use setup_link::SetupToken;
pub use shutdown::Shutdown;
pub use workers::Workers;
pub use workspace_keys::WorkspaceKeys;

use crate::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    http::{cookies::Cookies, urls::PublicUrl},
    keys::SealingKey,
    limits::rate_limit::{ClientFailures, RateLimiter},
    outbox::guard::Guard,
    storage::{Fault, Storage},
};
use std::sync::Arc;

/// Where the house is found from outside.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The public URL without a trailing slash: also the issuer (OpenID Connect Discovery §3).
    pub public_url: String,
    /// Where the authenticator is served, with a trailing slash.
    pub authenticator_url: String,
}

impl Addresses {
    /// Whether browsers reach the house by TLS, so that cookies may be `Secure`.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// What is wired once.
pub struct App {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,

    /// The database.
    pub storage: Storage,
    /// What seals secrets.
    pub sealing: Arc<SealingKey>,
    /// What operators configured, kept in memory.
    pub directory: DirectoryCache,

    /// Where it is found.
    pub addresses: Addresses,
    /// The origin under which it is known.
    pub public_url: PublicUrl,
    /// How cookies are written.
    pub cookies: Cookies,

    /// Password hashing, so many at a time.
    pub hashing: Hashing,
    /// The rate limit of wrong passwords and codes, by source.
    pub budgets: RateLimiter,
    /// The rate limit of failed client authentications, by source and client.
    pub client_failures: ClientFailures,
    /// At most how many sign-ins in progress one source may have.
    pub journeys_per_source: u64,
    /// How long the trail is kept; 0 means for ever.
    pub audit_retention_days: u32,
    /// Where addresses are.
    pub geoip: GeoIp,
    /// Where requests of ours may go.
    pub guard: Arc<Guard>,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// Whether the house is closing.
    pub shutdown: Shutdown,
}

impl App {
    /// The present instant: taken once for each request.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The issuer (OpenID Connect Core §2).
    pub fn issuer(&self) -> &str {
        &self.addresses.public_url
    }

    /// Makes what the first start needs and is not there: the signing keys of the workspace.
    ///
    /// # Errors
    /// When the database does not answer, or its keys were sealed with another sealing key.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.directory.keys().await.map(drop)
    }
}
