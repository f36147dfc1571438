//! A person signs in at the front page, to their own account at this server, and signs out again.

use crate::support::{
    audit_log::AuditLog,
    page::Page,
    push_fixture::PushFixture,
    seed::{PASSWORD, REDIRECT_URI},
    sign_in::{give_password, sign_in},
    test_app::TestApp,
};
use ::entity::{authorization_code, grant};
use countersign::storage::Executor;
use http::StatusCode;
use sea_orm::{EntityTrait, PaginatorTrait};

/// The number of grants and authorization codes.
async fn permissions(test_app: &TestApp) -> (u64, u64) {
    let db = test_app.app.storage.connection();
    let grants = grant::Entity::find().count(db).await.expect("storage answers");
    (grants, authorization_code::Entity::find().count(db).await.expect("storage answers"))
}

fn assert_account_of(page: &Page, username: &str) {
    assert_eq!(page.url.path(), "/", "{}", page.summary());
    assert!(page.text.contains(&format!("Signed in as <strong>{username}</strong>")), "{}", page.text);
}

fn assert_signed_out(page: &Page) {
    assert_eq!(page.url.path(), "/", "{}", page.summary());
    assert!(page.link("Sign in").is_some(), "{}", page.summary());
}

#[tokio::test]
async fn a_person_signs_in_at_the_front_page_without_a_grant_or_a_code_and_signs_out() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let mut log = AuditLog::from_now(&test_app.app).await;
    let home = browser.go("/").await;
    let page = browser.go(home.link("Sign in").expect("a link").as_str()).await;
    assert!(page.text.contains("to continue to"), "{}", page.text);
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_account_of(&page, "grace");
    assert_eq!(permissions(&test_app).await, (0, 0));
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"sign_in.succeeded grace countersign-account sign-in#1 {"acr":"1fa","amr":["pwd"],"how":"proved"}"#);

    let page = browser.go(page.link("Sign out").expect("a link").as_str()).await;
    let page = browser.send(page.form("Sign out").press("Sign out")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.summary());
    assert_signed_out(&browser.go("/").await);
}

#[tokio::test]
async fn a_browser_with_a_session_comes_to_the_account_at_once() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let before = permissions(&test_app).await;
    assert_account_of(&browser.go("/signin").await, "grace");
    assert_eq!(permissions(&test_app).await, before);
}

#[tokio::test]
async fn the_policy_of_the_pool_holds_for_the_account() {
    let mut fixture = PushFixture::with_phone().await;
    let page = fixture.browser.go("/signin").await;
    let page = give_password(&mut fixture.browser, &page, "alice", PASSWORD).await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert_signed_out(&fixture.browser.go("/").await);
    let page = fixture.approve(&page).await;
    assert_account_of(&page, "alice");
}

#[tokio::test]
async fn a_person_who_turns_back_comes_to_the_front_page_without_a_session() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go("/signin").await;
    assert_signed_out(&browser.send(page.form("username").press("Cancel")).await);
    let page = browser.go("/signin").await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    assert_signed_out(&browser.send(page.form("password").press("Cancel")).await);
}

#[tokio::test]
async fn no_authorization_request_names_the_client_of_the_account() {
    let test_app = TestApp::new().await;
    let address = format!(
        "/authorize?client_id=countersign-account&response_type=code&scope=openid&redirect_uri={REDIRECT_URI}"
    );
    let page = test_app.browser().go(&address).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.summary());
    let registered =
        format!("/authorize?client_id=quiet_app&response_type=code&scope=openid&redirect_uri={REDIRECT_URI}");
    assert_eq!(test_app.browser().go(&registered).await.url.path(), "/signin/identifier");
}
