//! Two builds of the server on one PostgreSQL, as during an upgrade: the requests of one sign-in alternate between
//! them. SQLite has one node, which takes all requests.
//!
//! Without `COUNTERSIGN_TEST_NEIGHBOR` both nodes are this build. `tests/run neighbor REVISION` builds the other one.

use crate::support::{
    browser::Browser,
    http_client::HttpClient,
    page::Page,
    process::Process,
    push_sign_in::{approve, enroll, go_on, hear, listen, send_request},
    sign_in::give_password,
    test_database::TestDatabase,
};
use http::StatusCode;

#[tokio::test]
async fn a_sign_in_that_begins_at_the_older_build_alternates_between_both() {
    Nodes::start().await.sign_people_in(0).await;
}

#[tokio::test]
async fn a_sign_in_that_begins_at_the_newer_build_alternates_between_both() {
    Nodes::start().await.sign_people_in(1).await;
}

/// The older node, and the newer one beside it.
struct Nodes {
    older: Process,
    newer: Option<Process>,
}

impl Nodes {
    /// The older build begins the database; the newer one migrates it while the older one serves.
    async fn start() -> Self {
        let database = TestDatabase::new().await;
        let older = Process::start_neighbor(database.url()).await;
        let newer = if database.is_postgres() { Some(older.start_beside_neighbor().await) } else { None };
        Self { older, newer }
    }

    /// A first sign-in with a new phone and consent, one with the phone, a silent one, and tokens.
    async fn sign_people_in(&self, first: usize) {
        let mut ports = vec![self.older.port(), self.newer.as_ref().unwrap_or(&self.older).port()];
        ports.rotate_left(first);
        let http_client = HttpClient::over_tcp_to_each(ports.clone());
        let mut browser = self.older.browser();
        browser.move_to(http_client.clone());
        let mut phone = self.older.phone_over(http_client.clone());
        let app = self.older.relying_party_over(http_client);

        let ask = app.ask().await;
        let page = browser.go(&ask.address()).await;
        let page = self.give_password(&mut browser, &page).await;
        let page = enroll(&mut browser, &page, &mut phone).await;
        let page = send_request(&mut browser, &page).await;
        let stream = listen(&mut browser, &page).await;
        approve(&page, &mut phone).await;
        hear(&mut browser, &page, stream, "approved").await;
        let page = go_on(&mut browser, &page).await;
        let code = app.receive(&ask, &page).expect("a code after the first sign-in");
        let mut tokens = app.redeem(&ask, &code).await.expect("tokens");

        for _ in 0..3 {
            assert_eq!(app.introspect(&tokens.access_token).await.expect("an answer")["active"], true);
            assert!(app.userinfo(&tokens).await.expect("claims")["sub"].is_string());
            tokens = app.refresh(&tokens).await.expect("new tokens");
        }

        // Each sign-in makes an odd number of requests more or less, so that both builds serve each step.
        for shift in 0..2 {
            let mut shifted = ports.clone();
            shifted.rotate_left(shift);
            browser.move_to(HttpClient::over_tcp_to_each(shifted));
            let ask = app.ask().await.with("prompt", "login");
            let page = browser.go(&ask.address()).await;
            let page = self.give_password(&mut browser, &page).await;
            let page = send_request(&mut browser, &page).await;
            approve(&page, &mut phone).await;
            let page = go_on(&mut browser, &page).await;
            let code = app.receive(&ask, &page).expect("a code after the phone's approval");
            app.redeem(&ask, &code).await.expect("tokens");

            let ask = app.ask().await.with("prompt", "none");
            let page = browser.go(&ask.address()).await;
            app.receive(&ask, &page).expect("a code from the session");
        }

        let page = browser.go(&format!("/signout?id_token_hint={}", tokens.id_token)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.summary());
        assert_eq!(app.refresh(&tokens).await.expect_err("signed out").error, "invalid_grant");
    }

    async fn give_password(&self, browser: &mut Browser, page: &Page) -> Page {
        give_password(browser, page, self.older.said("username"), self.older.said("password")).await
    }
}
