//! The whole house on a database of its own, at a clock that the story drives.

use super::{
    browser::Browser,
    fixed_clock::FixedClock,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty},
    seed::{POST_LOGOUT_REDIRECT_URI, REDIRECT_URI, SECRET, Seed},
    seeded_entropy::SeededEntropy,
    test_database::TestDatabase,
    wire::Wire,
};
use countersign::{
    app::{Addresses, App, DirectoryCache, Hashing, Places},
    factors::password::HashParameters,
    http::{
        body_limit::BodyLimit,
        budgets::Budgets,
        error_body::PlainPage,
        manners::{Manners, Rules},
        security_headers::SecurityHeaders,
        source::TrustedProxies,
    },
    keys::SealingKey,
    routes::routes,
    storage::Storage,
};
use poem::EndpointExt;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Where the house of a story is found.
pub const HOME: &str = "http://localhost:8080";

/// A house, its people and its applications.
pub struct House {
    pub app: Arc<App>,
    pub clock: FixedClock,
    pub seed: Seed,
    _database: TestDatabase,
}

impl House {
    /// A new one on an empty database.
    pub async fn new() -> Self {
        let database = TestDatabase::new().await;
        let clock = FixedClock::at_dawn();
        let entropy = Arc::new(SeededEntropy::named("house"));
        let storage = Storage::open(database.url()).await.expect("the database opens");
        let sealing = Arc::new(SealingKey::from_bytes(&[7; 32]));
        let seed = Seed::sow(&storage, &sealing, &clock, entropy.as_ref()).await;
        let contact = "mailto:operator@example.com".to_owned();
        let app = App {
            addresses: Addresses {
                public_url: HOME.to_owned(),
                authenticator_url: format!("{HOME}/authenticator/"),
            },
            directory: DirectoryCache::new(
                storage.clone(),
                sealing.clone(),
                Arc::new(clock.clone()),
                contact,
            ),
            storage,
            clock: Arc::new(clock.clone()),
            entropy,
            sealing,
            hashing: Hashing::new(HashParameters::CHEAPEST, 4),
            budgets: Budgets::new(100, Duration::from_secs(600), 1000),
            places: Places::default(),
            journeys_per_source: 1000,
        };
        app.prepare().await.expect("the keys are made");
        Self { app: Arc::new(app), clock, seed, _database: database }
    }

    /// The way into the house from a network address such as `192.0.2.1`.
    pub fn wire_from(&self, address: &str) -> Wire {
        let peer: SocketAddr = format!("{address}:40000").parse().expect("an address");
        let rules = Rules {
            clock: self.app.clock.clone(),
            entropy: self.app.entropy.clone(),
            trusted_proxies: TrustedProxies::default(),
            security_headers: SecurityHeaders { is_https: false },
            body_limit: BodyLimit::default(),
            error_body: Arc::new(PlainPage),
        };
        Wire::in_process(routes(self.app.clone()).with(Manners::new(rules)), peer)
    }

    /// A browser without cookies, at an address of its own.
    pub fn browser(&self) -> Browser {
        Browser::new(self.wire_from("192.0.2.1"), HOME)
    }

    /// A phone with nothing on it.
    pub fn phone(&self) -> Phone {
        Phone::new(self.wire_from("198.51.100.1"), self.clock.clone(), HOME)
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
        RelyingParty::new(self.wire_from("203.0.113.1"), self.clock.clone(), registration)
    }

    /// Where a sign-out of the applications ends.
    pub fn post_logout_redirect_uri(&self) -> &'static str {
        POST_LOGOUT_REDIRECT_URI
    }
}
