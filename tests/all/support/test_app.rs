//! The whole application on a database of its own, with a clock that the test moves.

use super::{
    browser::Browser,
    city_database::{self, City},
    fixed_clock::FixedClock,
    fixture_keys,
    http_client::HttpClient,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty},
    seed::{REDIRECT_URI, SECRET, Seed},
    seeded_entropy::SeededEntropy,
    test_database::TestDatabase,
};
use countersign::{
    actions::{ActionError, expiry},
    app::App,
    config::{Config, PasswordHashing},
    entropy::Entropy,
    keys::SealingKey,
    routes::application,
    storage::{PoolSize, Storage},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// The public URL of the server.
pub const HOME: &str = "http://localhost:8080";
/// The key that seals columns.
pub const SEALING_KEY: [u8; 32] = [7; 32];

/// Marks overdue rows and deletes old ones, as the hourly task does.
pub async fn run_clean_up(app: &App) -> Result<(), ActionError> {
    let context = app.worker_context().await.expect("a tenant");
    expiry::sweep(app, &context).await
}

/// A server with people and applications.
pub struct TestApp {
    pub app: Arc<App>,
    pub clock: FixedClock,
    pub seed: Seed,
    config: Config,
    database: TestDatabase,
}

impl TestApp {
    /// Starts one on an empty database.
    pub async fn new() -> Self {
        Self::configured(|_| {}).await
    }

    /// Starts one with a GeoIP database of these cities.
    pub async fn with_cities(cities: &[City]) -> Self {
        let file = city_database::write(cities);
        Self::configured(|config| config.geoip_database = Some(file.path().to_owned())).await
    }

    /// Starts one with this source of entropy.
    pub async fn drawing_from(entropy: Arc<dyn Entropy>) -> Self {
        Self::built(entropy, |_| {}).await
    }

    /// Starts one that keeps its audit log for `days`; 0 means for ever.
    pub async fn keeping_audit_log(days: u32) -> Self {
        Self::configured(|config| config.audit_retention_days = days).await
    }

    /// Starts one with other settings.
    pub async fn configured(configure: impl FnOnce(&mut Config)) -> Self {
        Self::built(Arc::new(SeededEntropy::named("test app")), configure).await
    }

    async fn built(entropy: Arc<dyn Entropy>, configure: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::new().await;
        let clock = FixedClock::at_dawn();
        let mut config = Config::default();
        // Cheap hashes, because the cost of hashing does not matter here.
        config.password_hashing =
            PasswordHashing { memory_kib: 8, iterations: 1, parallelism: 1, concurrent: 4 };
        configure(&mut config);
        assert_eq!(config.issuer(), HOME);
        // A long timeout, so that a loaded machine fails no test; fifty simultaneous requests need no more
        // connections.
        let connections = PoolSize { max_connections: 8, acquire_timeout: Duration::from_secs(60) };
        let storage = Storage::open_with(database.url(), connections).await.expect("the database opens");
        let sealing = SealingKey::from_bytes(&SEALING_KEY);
        let app = App::with_storage(&config, storage, sealing, Arc::new(clock.clone()), entropy.clone());
        let app = app.await.expect("the server starts");
        let seed = Seed::sow(&app.storage, &app.sealing, &clock, entropy.as_ref()).await;
        fixture_keys::prepare(&app).await;
        Self { app: Arc::new(app), clock, seed, config, database }
    }

    /// The URL of its database, for commands beside the server.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// An HTTP client at a network address such as `192.0.2.1`.
    pub fn http_client_from(&self, address: &str) -> HttpClient {
        let peer: SocketAddr = format!("{address}:40000").parse().expect("an address");
        HttpClient::in_process(application(self.app.clone(), &self.config), peer)
    }

    /// An HTTP client of another node on the same database, which counts in its own process.
    pub async fn http_client_of_another_node(&self, address: &str) -> HttpClient {
        let (storage, sealing) = (self.app.storage.clone(), SealingKey::from_bytes(&SEALING_KEY));
        let (clock, entropy) = (Arc::new(self.clock.clone()), self.app.entropy.clone());
        let node = App::with_storage(&self.config, storage, sealing, clock, entropy).await;
        let peer: SocketAddr = format!("{address}:40000").parse().expect("an address");
        HttpClient::in_process(application(Arc::new(node.expect("another node")), &self.config), peer)
    }

    /// A browser without cookies, at an address of its own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http_client_from("192.0.2.1"), HOME)
    }

    /// A phone without an account.
    pub fn phone(&self) -> Phone {
        Phone::new(self.http_client_from("198.51.100.1"), self.clock.clone(), HOME)
    }

    /// A registered application; `public_app` does not authenticate, the others have a secret.
    pub fn relying_party(&self, client_id: &str) -> RelyingParty {
        let is_public = client_id == "public_app";
        let registration = Registration {
            issuer: HOME.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: if is_public { String::new() } else { SECRET.to_owned() },
            redirect_uri: REDIRECT_URI.to_owned(),
            authentication: if is_public { Authentication::None } else { Authentication::Basic },
        };
        RelyingParty::new(self.http_client_from("203.0.113.1"), self.clock.clone(), registration)
    }
}
