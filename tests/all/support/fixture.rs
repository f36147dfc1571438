//! The newest program on a database of an earlier version, with the keys, cookies and tokens that people,
//! phones and applications have kept.

use super::{
    browser::Browser,
    cookie_jar::CookieJar,
    fixed_clock::{DAWN, FixedClock},
    http_client::HttpClient,
    page::Page,
    phone::Phone,
    relying_party::{Authentication, Registration, RelyingParty, Tokens},
    seeded_entropy::SeededEntropy,
    test_database::{TestDatabase, from_fixture::fixture_folder},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign::{
    app::App,
    config::{Config, PasswordHashing},
    keys::SealingKey,
    routes::application,
    storage::{PoolSize, Storage},
};
use http::{HeaderMap, header};
use serde_json::Value;
use std::{fs, net::SocketAddr, sync::Arc, time::Duration};
use url::Url;

/// A server that continues after an earlier version, at the same instant.
pub struct Fixture {
    pub app: Arc<App>,
    pub clock: FixedClock,
    kept: Value,
    kind: &'static str,
    config: Config,
    _database: TestDatabase,
}

impl Fixture {
    /// The newest program on a copy of the fixture `schema`: it opens the database as a server does at its
    /// start.
    pub async fn open(schema: &str) -> Self {
        let database = TestDatabase::from_fixture(schema).await;
        let kept = kept(schema);
        let clock = FixedClock::at_dawn();
        clock.advance(kept["clock_milliseconds"].as_i64().expect("a time") / 1000 - DAWN.unix_seconds());
        let mut config = Config::default();
        // As the fixture's passwords are hashed.
        config.password_hashing =
            PasswordHashing { memory_kib: 8, iterations: 1, parallelism: 1, concurrent: 4 };
        assert_eq!(config.issuer(), kept["issuer"]);
        let connections = PoolSize { max_connections: 8, acquire_timeout: Duration::from_secs(60) };
        let storage = Storage::open_with(database.url(), connections).await.expect("it is migrated");
        let entropy = Arc::new(SeededEntropy::named("after the fixture"));
        let app = App::with_storage(&config, storage, sealing_key(&kept), Arc::new(clock.clone()), entropy);
        let app = Arc::new(app.await.expect("the server starts"));
        app.prepare().await.expect("its keys are read");
        let kind = if database.is_postgres() { "postgres" } else { "sqlite" };
        Self { app, clock, kept, kind, config, _database: database }
    }

    /// Returns a value that is the same for both databases, such as `password`.
    pub fn text(&self, name: &str) -> &str {
        self.kept[name].as_str().unwrap_or_else(|| panic!("the fixture has no {name}"))
    }

    /// Returns the value at this path, such as `["sessions", "alice"]`.
    pub fn kept(&self, path: [&str; 2]) -> &Value {
        let kept = &self.kept[self.kind][path[0]][path[1]];
        assert!(!kept.is_null(), "the fixture has no {path:?}");
        kept
    }

    /// Returns all kept values for this kind of database.
    pub fn whole(&self) -> &Value {
        &self.kept[self.kind]
    }

    /// The seed of Tom's code generator.
    pub fn generator_seed(&self) -> Vec<u8> {
        STANDARD.decode(self.whole()["tom_totp_seed"].as_str().expect("a seed")).expect("base64")
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http_client_from("192.0.2.1"), self.text("issuer"))
    }

    /// A browser with the cookies of the kept object at this path.
    pub fn browser_of(&self, kept: &Value) -> Browser {
        let mut browser = self.browser();
        let cookies = kept["cookies"].as_str().expect("cookies");
        browser.cookies = jar(&Url::parse(self.text("issuer")).expect("a URL"), cookies);
        browser
    }

    /// A phone without an account.
    pub fn new_phone(&self) -> Phone {
        Phone::new(self.http_client_from("198.51.100.1"), self.clock.clone(), self.text("issuer"))
    }

    /// The kept phone of a person.
    pub fn phone(&self, person: &str) -> Phone {
        let http_client = self.http_client_from("198.51.100.1");
        Phone::kept(http_client, self.clock.clone(), self.text("issuer"), self.kept(["phones", person]))
    }

    /// One of the applications; all of them are confidential.
    pub fn relying_party(&self, client_id: &str) -> RelyingParty {
        let registration = Registration {
            issuer: self.text("issuer").to_owned(),
            client_id: client_id.to_owned(),
            client_secret: self.text("client_secret").to_owned(),
            redirect_uri: self.text("redirect_uri").to_owned(),
            authentication: Authentication::Basic,
        };
        RelyingParty::new(self.http_client_from("203.0.113.1"), self.clock.clone(), registration)
    }

    /// The application that received the tokens `name`, and these tokens.
    pub fn tokens(&self, name: &str) -> (RelyingParty, Tokens) {
        let kept = self.kept(["tokens", name]);
        (self.relying_party(kept["client_id"].as_str().expect("a client")), Tokens::kept(kept))
    }

    /// The open sign-in `name`.
    pub async fn resume(&self, name: &str) -> OpenSignIn<'_> {
        let open = self.reload(name).await;
        assert_eq!(open.page.status.as_u16(), 200, "{name}: {}", open.page.summary());
        open
    }

    /// The open sign-in `name`, whatever its page is now.
    pub async fn reload(&self, name: &str) -> OpenSignIn<'_> {
        let kept = self.kept(["sign_ins", name]);
        let mut browser = self.browser_of(kept);
        let page = browser.go(kept["page"].as_str().expect("an address")).await;
        OpenSignIn { fixture: self, kept, browser, page }
    }

    fn http_client_from(&self, address: &str) -> HttpClient {
        let peer: SocketAddr = format!("{address}:40000").parse().expect("an address");
        HttpClient::in_process(application(self.app.clone(), &self.config), peer)
    }
}

/// A sign-in that was open when the fixture was made.
pub struct OpenSignIn<'a> {
    fixture: &'a Fixture,
    /// Its kept values.
    pub kept: &'a Value,
    /// The browser that started it.
    pub browser: Browser,
    /// Its page, loaded again.
    pub page: Page,
}

impl OpenSignIn<'_> {
    /// Returns a kept text value.
    pub fn text(&self, name: &str) -> &str {
        self.kept[name].as_str().unwrap_or_else(|| panic!("the fixture has no {name} of this sign-in"))
    }

    /// The phone of its person.
    pub fn phone(&self) -> Phone {
        self.fixture.phone(self.text("person"))
    }

    /// Redeems the authorization response on `page` at its application.
    pub async fn tokens(&self, page: &Page) -> Tokens {
        let party = self.fixture.relying_party(self.text("client_id"));
        let ask = party.kept_ask(&self.kept["ask"]).await;
        let code = party.receive(&ask, page).expect("a code");
        party.redeem(&ask, &code).await.expect("tokens")
    }
}

/// Reads the fixture's JSON.
pub fn kept(schema: &str) -> Value {
    let text = fs::read(fixture_folder(schema).join("fixture.json")).expect("the fixture is there");
    serde_json::from_slice(&text).expect("JSON")
}

fn sealing_key(kept: &Value) -> SealingKey {
    let bytes = STANDARD.decode(kept["sealing_key"].as_str().expect("a key")).expect("base64");
    SealingKey::from_bytes(&bytes.try_into().expect("32 bytes"))
}

/// The cookies of a `Cookie` header.
fn jar(url: &Url, cookies: &str) -> CookieJar {
    let mut headers = HeaderMap::new();
    for cookie in cookies.split("; ") {
        let line = format!("{cookie}; Path=/; HttpOnly; SameSite=Lax");
        headers.append(header::SET_COOKIE, line.parse().expect("a header"));
    }
    let mut jar = CookieJar::default();
    jar.take(url, &headers);
    jar
}
