//! The application: everything that is built once at start and shared by every request.
//!
//! Never answers a request itself. Spec: none.
//! Called by: `main`, `demo` and the tests, which build it; the interfaces, which use it.

mod audit_trail;
mod bootstrap;
mod context;
mod directory_cache;
mod first_start;
mod geo_point;
mod geoip;
mod hashing;
mod issuer;
mod readiness;
pub mod sealed_columns;
mod setup_link;
mod shutdown;
mod tenant;
mod tenant_directory;
mod workspace_keys;

pub use context::RequestContext;
pub use directory_cache::DirectoryCache;
pub use first_start::FIRST_POOL;
pub use geoip::GeoIp;
pub use hashing::{Hashing, HashingFor, Overloaded};
pub use readiness::Readiness;
pub use setup_link::SetupToken;
pub use shutdown::Shutdown;
pub use tenant::{DEFAULT_WORKSPACE, Tenant};
pub use tenant_directory::TenantDirectory;
pub use workspace_keys::{WorkspaceKeys, hold_keys, new_key, signs_from};

pub use crate::storage::{Topic, Waiter};

use crate::{
    audit::{Actor, Via},
    clock::{Clock, Timestamp},
    config::Letters,
    entropy::Entropy,
    fault::Fault,
    http::urls::PublicUrl,
    keys::SealingKey,
    limits::rate_limit::{ClientFailures, RateLimiter},
    outbox::guard::Guard,
    storage::Storage,
};
use std::sync::Arc;
use url::Url;

/// The public addresses of this server.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The public URL without a trailing slash: also the issuer of the workspace that is served at the root (OpenID
    /// Connect Discovery §3).
    pub public_url: String,
    /// The URL of the authenticator, with a trailing slash.
    pub authenticator_url: String,
}

impl Addresses {
    /// Whether browsers reach this server over TLS, so that cookies may be `Secure`.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// The parts that every request uses, built once at start.
pub struct App {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,

    /// The database.
    pub storage: Storage,
    /// Seals secrets in database columns.
    pub sealing: Arc<SealingKey>,
    /// The cached tenants, with their clients, pools and keys.
    pub directory: DirectoryCache,

    /// The public addresses of this server.
    pub addresses: Addresses,
    /// The public URL: the origin of every page.
    pub public_url: PublicUrl,

    /// Password hashing with bounded concurrency.
    pub hashing: Hashing,
    /// The rate limit of wrong passwords and codes, by source.
    pub budgets: RateLimiter,
    /// The rate limit of failed client authentications, by source and client id.
    pub client_failures: ClientFailures,
    /// The limit of audit events about unknown client ids, by source.
    pub unknown_client_events: RateLimiter,
    /// The limit of audit events about failures of one client id, by its SHA-256.
    pub client_failure_events: RateLimiter<[u8; 32]>,
    /// The budget of writes that requests without a proof cause, by source.
    pub anonymous_writes: RateLimiter,
    /// The maximum number of sign-ins in progress per network source.
    pub journeys_per_source: u64,
    /// Days for which audit events are kept; 0 keeps them for ever.
    pub audit_retention_days: u32,
    /// Locates network addresses.
    pub geoip: GeoIp,
    /// Decides which addresses outgoing requests may reach.
    pub guard: Arc<Guard>,
    /// How letters are sent; `None` when no mail server is set, and then none is queued.
    pub letters: Option<Letters>,
    /// Whether the database takes writes.
    pub readiness: Readiness,
    /// The shutdown signal.
    pub shutdown: Shutdown,
}

impl App {
    /// Returns the current time; read it once for each request.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns a waiter for changes of `topic`, on this node or another one.
    pub fn changes_of(&self, topic: Topic) -> Waiter {
        self.storage.bus().wait(topic)
    }

    /// Returns the context of a command in the workspace that is served at the root.
    ///
    /// # Errors
    /// When the workspace does not exist yet, or the database does not answer.
    pub async fn command_context(&self) -> Result<RequestContext, Fault> {
        Ok(self.command_context_of(self.directory.root().await?))
    }

    /// Returns the context of a command in the workspace of `tenant`.
    pub fn command_context_of(&self, tenant: Arc<Tenant>) -> RequestContext {
        RequestContext::without_request(tenant, Actor::Host, Via::Cli, self.now())
    }

    /// Returns the context of a background task. It names the workspace that is served at the root; an event about a row of
    /// another one is recorded there.
    ///
    /// # Errors
    /// When the workspace does not exist yet, or the database does not answer.
    pub async fn worker_context(&self) -> Result<RequestContext, Fault> {
        Ok(self.worker_context_of(self.directory.root().await?))
    }

    /// Returns the context of a background task about a row of `tenant`.
    pub fn worker_context_of(&self, tenant: Arc<Tenant>) -> RequestContext {
        RequestContext::without_request(tenant, Actor::System, Via::Worker, self.now())
    }

    /// Returns the origin under which devices know the server, whatever host a request names.
    pub fn authenticator_origin(&self) -> String {
        let url = Url::parse(&self.addresses.authenticator_url);
        url.map_or_else(|_| self.public_url.as_str().to_owned(), |url| url.origin().ascii_serialization())
    }

    /// Creates the signing keys of the workspace that is served at the root if they are missing, as at a first start.
    ///
    /// # Errors
    /// When the database does not answer, or its keys were sealed with another sealing key.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.directory.root().await?.keys().await.map(drop)
    }
}
