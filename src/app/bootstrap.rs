//! Builds an [`App`] from the configuration.

use super::{
    Addresses, App, DirectoryCache, GeoIp, Hashing, Readiness, Shutdown, first_start, issuer::known_issuer,
};
use crate::{
    clock::Clock,
    config::{Config, Migrate},
    entropy::Entropy,
    factors::password::HashParameters,
    fault::{Cause, Fault},
    http::urls::PublicUrl,
    keys::{SealingKey, SealingKeyError},
    limits::rate_limit::{
        ANONYMOUS_WRITE_WINDOW_SECONDS, CLIENT_AUTHENTICATION_FAILURES, CLIENT_FAILURE_EVENTS,
        MAX_REMEMBERED_CLIENT_SOURCES, MAX_REMEMBERED_SOURCES, RateLimit, RateLimiter, UNKNOWN_CLIENT_EVENTS,
        WRONG_ANSWER_WINDOW_SECONDS,
    },
    outbox::guard::{Guard, PushHosts},
    storage::{OpenMode, Storage},
};
use secrecy::ExposeSecret;
use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

/// Where the sealing key lies in the data directory when none was given.
const KEY_FILE: &str = "encryption.key";

impl App {
    /// Opens the database and the sealing key that `config` names, for a server; at a first start creates the data
    /// directory, the key, the workspace and the first pool.
    ///
    /// # Errors
    /// When the database cannot be used, or was made with another sealing key.
    pub async fn open(
        config: &Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Fault> {
        if config.database_url.is_none() || config.encryption_key.is_none() {
            make_data_dir(config.data_dir())?;
        }
        let url = config.database_url();
        let storage = Storage::open_as(OpenMode::Server, url.expose_secret(), config.migrate).await?;
        let sealing = match config.encryption_key() {
            Some(bytes) => SealingKey::from_bytes(&bytes),
            None => SealingKey::from_file(&config.data_dir().join(KEY_FILE), entropy.as_ref())
                .map_err(unusable_key)?,
        };
        Self::with_storage(config, storage, sealing, clock, entropy).await
    }

    /// Opens the database and the sealing key that `config` names, for a command: both must exist, and nothing is
    /// created.
    ///
    /// # Errors
    /// When there is no database, no server has started on it yet, it cannot be used, or was made with another
    /// sealing key.
    pub async fn open_existing(
        config: &Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Fault> {
        let url = config.database_url();
        let storage = Storage::open_as(OpenMode::Existing, url.expose_secret(), config.migrate).await?;
        first_start::check_started(&storage).await?;
        // Links of a command have the address of the server, whose flags and environment variables it does not see.
        let mut config = config.clone();
        if let Some(known) = known_issuer(&storage).await? {
            config.public_url = Some(known);
        }
        let sealing = match config.encryption_key() {
            Some(bytes) => SealingKey::from_bytes(&bytes),
            None => {
                SealingKey::from_existing_file(&config.data_dir().join(KEY_FILE)).map_err(unusable_key)?
            }
        };
        Self::with_storage(&config, storage, sealing, clock, entropy).await
    }

    /// Brings the schema of the database that `config` names up to date, regardless of the setting
    /// `migrate`, and returns the open database.
    ///
    /// # Errors
    /// When the database cannot be used, or a server runs on the same SQLite file and the schema is old.
    pub async fn migrate(config: &Config) -> Result<Storage, Fault> {
        if config.database_url.is_none() {
            make_data_dir(config.data_dir())?;
        }
        let url = config.database_url();
        Storage::open_as(OpenMode::Command, url.expose_secret(), Migrate::Auto).await
    }

    /// Returns whether a server has started on this database: other commands need the workspace and the encryption
    /// key that it makes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_started(storage: &Storage) -> Result<bool, Fault> {
        first_start::has_started(storage).await
    }

    /// As [`App::open`], with a database and a sealing key that are open already.
    ///
    /// # Errors
    /// When the database was made with another sealing key, or does not answer.
    pub async fn with_storage(
        config: &Config,
        storage: Storage,
        sealing: SealingKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Fault> {
        let sealing = Arc::new(sealing);
        first_start::ensure_first_workspace(&storage, &sealing, entropy.as_ref(), clock.now()).await?;
        let public_url = PublicUrl::new(config.issuer());
        Ok(Self {
            addresses: Addresses {
                public_url: config.issuer(),
                authenticator_url: config.authenticator_url(),
            },
            directory: DirectoryCache::new(
                storage.clone(),
                Arc::clone(&sealing),
                Arc::clone(&clock),
                config.push_contact(),
                public_url.clone(),
            ),
            public_url,
            hashing: hashing(config, &clock),
            budgets: RateLimiter::new(wrong_answers(config), MAX_REMEMBERED_SOURCES),
            client_failures: RateLimiter::new(CLIENT_AUTHENTICATION_FAILURES, MAX_REMEMBERED_CLIENT_SOURCES),
            unknown_client_events: RateLimiter::new(UNKNOWN_CLIENT_EVENTS, MAX_REMEMBERED_SOURCES),
            client_failure_events: RateLimiter::new(CLIENT_FAILURE_EVENTS, MAX_REMEMBERED_CLIENT_SOURCES),
            anonymous_writes: RateLimiter::new(anonymous_writes(config), MAX_REMEMBERED_SOURCES),
            journeys_per_source: config.limits.journeys_per_source as u64,
            audit_retention_days: config.audit_retention_days,
            geoip: geoip(config)?,
            guard: Arc::new(guard(config)?),
            letters: config.letters().map_err(Fault::broken)?,
            readiness: Readiness::default(),
            shutdown: Shutdown::default(),
            clock,
            entropy,
            storage,
            sealing,
        })
    }
}

/// The rate limit of wrong passwords and codes of one source.
fn wrong_answers(config: &Config) -> RateLimit {
    RateLimit {
        max_actions: config.limits.wrong_answers_per_source,
        window_seconds: WRONG_ANSWER_WINDOW_SECONDS,
    }
}

/// The budget of writes that requests of one source cause without a proof.
fn anonymous_writes(config: &Config) -> RateLimit {
    RateLimit {
        max_actions: config.limits.anonymous_writes_per_source,
        window_seconds: ANONYMOUS_WRITE_WINDOW_SECONDS,
    }
}

/// Makes the data directory, closed to everyone else on the machine.
fn make_data_dir(path: &Path) -> Result<(), Fault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| {
        Fault::because(
            format!("the data directory {} cannot be created; set `data_dir` to another one", path.display()),
            error,
        )
    })
}

fn unusable_key(error: SealingKeyError) -> Fault {
    Fault::because("cannot load the sealing key", error)
}

fn hashing(config: &Config, clock: &Arc<dyn Clock>) -> Hashing {
    let settings = &config.password_hashing;
    let parameters = HashParameters {
        memory_kib: settings.memory_kib,
        passes: settings.iterations,
        lanes: settings.parallelism,
    };
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let concurrent = if settings.concurrent == 0 { processors() } else { settings.concurrent };
    Hashing::new(parameters, concurrent, Arc::clone(clock))
}

fn geoip(config: &Config) -> Result<GeoIp, Fault> {
    let Some(path) = &config.geoip_database else { return Ok(GeoIp::default()) };
    GeoIp::open(path).map_err(|error| {
        Fault::because(format!("geoip_database: {} cannot be read", path.display()), Cause::of(&error))
    })
}

fn guard(config: &Config) -> Result<Guard, Fault> {
    let origins: Result<Vec<_>, _> = config.allow_outbound.iter().map(|origin| origin.parse()).collect();
    let origins = origins.map_err(|error| Fault::because("allow_outbound", error))?;
    let hosts = PushHosts::only(&config.push.hosts).map_err(|error| Fault::because("push.hosts", error))?;
    Ok(Guard::new(origins, hosts))
}
