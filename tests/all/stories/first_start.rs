//! The setup of a new instance: a link, two forms, and a person who can sign in.

use crate::support::{
    browser::Browser, fixed_clock::FixedClock, fixture_keys, http_client::HttpClient, page::Page,
    seeded_entropy::SeededEntropy, test_app::HOME, test_database::TestDatabase,
};
use countersign::{
    app::App,
    config::{Config, PasswordHashing},
    keys::SealingKey,
    routes::application,
    storage::Storage,
};
use http::StatusCode;
use std::{net::SocketAddr, sync::Arc};

const PASSWORD: &str = "a staple for horses";

/// A server on an empty database.
struct EmptyApp {
    app: Arc<App>,
    config: Config,
    clock: FixedClock,
    _database: TestDatabase,
}

impl EmptyApp {
    async fn new() -> Self {
        let (database, clock) = (TestDatabase::new().await, FixedClock::at_dawn());
        let mut config = Config::default();
        config.password_hashing =
            PasswordHashing { memory_kib: 8, iterations: 1, parallelism: 1, concurrent: 4 };
        let storage = Storage::open(database.url()).await.expect("the database opens");
        let (time, entropy) = (Arc::new(clock.clone()), Arc::new(SeededEntropy::named("empty app")));
        let app = App::with_storage(&config, storage, SealingKey::from_bytes(&[7; 32]), time, entropy).await;
        let app = app.expect("the server starts");
        fixture_keys::prepare(&app).await;
        Self { app: Arc::new(app), config, clock, _database: database }
    }

    async fn link(&self) -> String {
        self.app.new_setup_link().await.expect("the database answers").expect("no person exists yet")
    }

    fn browser(&self) -> Browser {
        let peer = SocketAddr::from(([192, 0, 2, 1], 40_000));
        Browser::new(HttpClient::in_process(application(self.app.clone(), &self.config), peer), HOME)
    }
}

async fn first_form(browser: &mut Browser, page: &Page) -> Page {
    let form = page.form("username").fill("username", "ada").fill("name", "Ada Lovelace");
    browser.send(form.fill("email", "ada@example.com").fill("password", PASSWORD).submit()).await
}

async fn second_form(browser: &mut Browser, page: &Page) -> Page {
    let form = page.form("client_name").fill("client_name", "Harbor Billing");
    browser.send(form.fill("redirect_uri", "https://billing.example/callback").submit()).await
}

#[tokio::test]
async fn two_forms_make_a_person_who_can_sign_in_to_an_application() {
    let test_app = EmptyApp::new().await;
    let (link, mut browser) = (test_app.link().await, test_app.browser());
    let page = browser.go(&link).await;
    let page = first_form(&mut browser, &page).await;
    let done = second_form(&mut browser, &page).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.summary());
    let client_id = done.text_of("client-id").expect("the client's name");
    assert!(client_id.starts_with("harbor-billing-"), "{client_id}");
    assert_eq!(done.text_of("client-secret").map(|secret| secret.len()), Some(43));

    let request = format!(
        "/authorize?response_type=code&scope=openid&client_id={client_id}\
         &redirect_uri=https%3A%2F%2Fbilling.example%2Fcallback&state=s"
    );
    let mut another = test_app.browser();
    let page = another.arrive("https://billing.example", &request).await;
    let page = another.send(page.form("username").fill("username", "ada").submit()).await;
    let page = match page.url.path() {
        "/signin/password" => {
            another.send(page.form("password").fill("password", PASSWORD).press("Sign in")).await
        }
        _ => page,
    };
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
}

#[tokio::test]
async fn opening_the_link_keeps_it_and_finishing_the_setup_ends_it() {
    let test_app = EmptyApp::new().await;
    let (link, mut browser) = (test_app.link().await, test_app.browser());
    test_app.browser().go(&link).await;
    let page = browser.go(&link).await;
    let client_form = first_form(&mut browser, &page).await;
    assert_eq!(browser.go(&link).await.status, StatusCode::OK, "nothing is kept before the second form");
    assert_eq!(second_form(&mut browser, &client_form).await.status, StatusCode::OK);
    assert_eq!(second_form(&mut browser, &client_form).await.status, StatusCode::GONE);
    assert_eq!(browser.go(&link).await.status, StatusCode::GONE);
    assert!(test_app.app.new_setup_link().await.expect("the database answers").is_none());
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_and_the_newest_one_counts() {
    let test_app = EmptyApp::new().await;
    let (old, new, mut browser) = (test_app.link().await, test_app.link().await, test_app.browser());
    assert_eq!(browser.go(&old).await.status, StatusCode::GONE);
    test_app.clock.advance(3599);
    assert_eq!(browser.go(&new).await.status, StatusCode::OK);
    test_app.clock.advance(1);
    assert_eq!(browser.go(&new).await.status, StatusCode::GONE);
    assert_eq!(browser.go("/setup").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_form_with_errors_names_them_and_keeps_valid_fields() {
    let test_app = EmptyApp::new().await;
    let (link, mut browser) = (test_app.link().await, test_app.browser());
    let page = browser.go(&link).await;
    let form = page.form("username").fill("username", "ada").fill("email", "ada@northwind");
    let page = browser.send(form.fill("password", "short").submit()).await;
    assert!(page.text.contains("is not an e-mail address"), "{}", page.summary());
    assert!(page.text.contains("at least 8 characters") && !page.text.contains("value=\"short\""));
    assert_eq!(page.form("username").value("username"), Some("ada"));

    let page = first_form(&mut browser, &page).await;
    let form = page.form("client_name").fill("client_name", "Harbor Billing");
    let page = browser.send(form.fill("redirect_uri", "billing.example").submit()).await;
    assert!(page.text.contains("beginning with https://"), "{}", page.summary());
    assert_eq!(second_form(&mut browser, &page).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_browser_s_form_and_a_changed_draft_are_refused() {
    let test_app = EmptyApp::new().await;
    let (link, mut browser) = (test_app.link().await, test_app.browser());
    let page = browser.go(&link).await;
    let theirs = first_form(&mut test_app.browser(), &page).await;
    assert_eq!(theirs.status, StatusCode::BAD_REQUEST, "{}", theirs.summary());
    let page = first_form(&mut browser, &page).await;
    let form = page.form("client_name").fill("client_name", "X").fill("redirect_uri", "https://x.example/");
    let forged = browser.send(form.forge("draft", "AAAA").submit()).await;
    assert_eq!(forged.status, StatusCode::GONE);
    assert_eq!(second_form(&mut browser, &page).await.status, StatusCode::OK);
}
