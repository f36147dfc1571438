//! The whole house on a database of its own, at a clock that the story drives.

use super::{
    browser::Browser,
    city_database::{self, City},
    fixed_clock::FixedClock,
    http_client::HttpClient,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty},
    seed::{REDIRECT_URI, SECRET, Seed},
    seeded_entropy::SeededEntropy,
    test_database::TestDatabase,
};
use countersign::{
    app::App,
    config::{Config, PasswordHashing},
    keys::SealingKey,
    routes::application,
    storage::{PoolSize, Storage},
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Where the house of a story is found.
pub const HOME: &str = "http://localhost:8080";

/// A house, its people and its applications.
pub struct TestApp {
    pub app: Arc<App>,
    pub clock: FixedClock,
    pub seed: Seed,
    config: Config,
    _database: TestDatabase,
}

impl TestApp {
    /// A new one on an empty database.
    pub async fn new() -> Self {
        Self::configured(|_| {}).await
    }

    /// The same with an offline database of these places.
    pub async fn with_cities(cities: &[City]) -> Self {
        let file = city_database::write(cities);
        Self::configured(|config| config.geoip_database = Some(file.path().to_owned())).await
    }

    async fn configured(configure: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::new().await;
        let clock = FixedClock::at_dawn();
        let entropy = Arc::new(SeededEntropy::named("house"));
        let mut config = Config::default();
        // Hashes that cost next to nothing: what they cost in earnest is no business of a story.
        config.password_hashing =
            PasswordHashing { memory_kib: 8, iterations: 1, parallelism: 1, concurrent: 4 };
        configure(&mut config);
        assert_eq!(config.issuer(), HOME);
        // What a loaded machine makes wait is no business of a story: fifty at once need no more connections than this.
        let connections = PoolSize { max_connections: 8, acquire_timeout: Duration::from_secs(60) };
        let storage = Storage::open_with(database.url(), connections).await.expect("the database opens");
        let sealing = SealingKey::from_bytes(&[7; 32]);
        let app = App::with_storage(&config, storage, sealing, Arc::new(clock.clone()), entropy.clone());
        let app = app.await.expect("the house starts");
        let seed = Seed::sow(&app.storage, &app.sealing, &clock, entropy.as_ref()).await;
        app.prepare().await.expect("the keys are made");
        Self { app: Arc::new(app), clock, seed, config, _database: database }
    }

    /// The way into the house from a network address such as `192.0.2.1`.
    pub fn http_client_from(&self, address: &str) -> HttpClient {
        let peer: SocketAddr = format!("{address}:40000").parse().expect("an address");
        HttpClient::in_process(application(self.app.clone(), &self.config), peer)
    }

    /// A browser without cookies, at an address of its own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http_client_from("192.0.2.1"), HOME)
    }

    /// A phone with nothing on it.
    pub fn phone(&self) -> Phone {
        Phone::new(self.http_client_from("198.51.100.1"), self.clock.clone(), HOME)
    }

    /// An application as it is registered; `public_app` authenticates by nothing, the others by a secret.
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
