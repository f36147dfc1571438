//! Browsers that are known to a person: which sign-ins make them known, for how long, and what for.

use crate::support::{
    browser::Browser,
    push_fixture::PushFixture,
    seed::PASSWORD,
    sign_in::{Answer, give_password, request, sign_in},
    test_app::{HOME, TestApp, run_clean_up},
};
use ::entity::known_browser;
use countersign::{
    actions::people,
    storage::{Executor, known_browsers},
};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

const DAY: i64 = 24 * 3600;

/// Ten wrong passwords from two sources: from then on only known browsers may try.
async fn lock_out(test_app: &TestApp, username: &str) {
    for source in ["192.0.2.201", "198.51.100.201"] {
        let mut browser = Browser::new(test_app.http_client_from(source), HOME);
        let page = browser.go(&request("quiet_app", &[])).await;
        let mut page = browser.send(page.form("username").fill("username", username).submit()).await;
        for _ in 0..5 {
            page = browser.send(page.form("password").fill("password", "wrong").submit()).await;
        }
    }
    test_app.clock.advance(1);
}

/// Whether a right password from this browser, without its session, is taken.
async fn may_try(test_app: &TestApp, browser: &Browser, username: &str) -> bool {
    let mut browser = browser.clone();
    browser.move_to(test_app.http_client_from("203.0.113.9"));
    browser.cookies.forget("countersign_session");
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, username, PASSWORD).await;
    !page.text.contains("Too many wrong passwords")
}

async fn stored(test_app: &TestApp) -> u64 {
    known_browser::Entity::find().count(test_app.app.storage.connection()).await.expect("a count")
}

#[tokio::test]
async fn a_browser_is_known_for_half_a_year_after_its_last_sign_in() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await.code();
    for (days, expected) in [(30, true), (179, true), (180, false)] {
        test_app.clock.advance(days * DAY - 1);
        run_clean_up(&test_app.app).await.expect("a round");
        lock_out(&test_app, "grace").await;
        assert_eq!(may_try(&test_app, &browser, "grace").await, expected, "{days} days later");
        assert!(!may_try(&test_app, &test_app.browser(), "grace").await, "another browser");
    }
    test_app.clock.advance(1);
    run_clean_up(&test_app.app).await.expect("a round");
    assert_eq!(stored(&test_app).await, 0);
}

#[tokio::test]
async fn a_password_alone_makes_no_browser_known_to_a_person_with_a_phone() {
    let mut fixture = PushFixture::of("grace").await.and_phone().await;
    let alone = fixture.app.ask().await;
    let page = fixture.sign_in(&alone).await;
    fixture.app.receive(&alone, &page).expect("a code by the password alone");
    let step_up = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.browser.go(&step_up.address()).await;
    let page = fixture.browser.send(crate::support::push_fixture::sending(&page)).await;
    assert_eq!(fixture.look().await.details["flags"], json!(["new_device"]));
    lock_out(&fixture.test_app, "grace").await;
    assert!(!may_try(&fixture.test_app, &fixture.browser, "grace").await, "a stranger may have the password");
    let page = fixture.approve(&page).await;
    fixture.app.receive(&step_up, &page).expect("a code");
    assert!(may_try(&fixture.test_app, &fixture.browser, "grace").await, "the phone has approved it");
    let again = fixture.app.ask().await.with("acr_values", "2fa").with("prompt", "login");
    let page = fixture.browser.go(&again.address()).await;
    let page = give_password(&mut fixture.browser, &page, "grace", PASSWORD).await;
    assert_eq!(fixture.look().await.details["flags"], json!([]), "{}", page.summary());
}

#[tokio::test]
async fn a_browser_known_by_a_password_is_unknown_once_the_person_has_a_phone() {
    let mut fixture = PushFixture::of("grace").await;
    let mut early = fixture.test_app.browser();
    sign_in(&mut early, "grace").await.code();
    lock_out(&fixture.test_app, "grace").await;
    assert!(may_try(&fixture.test_app, &early, "grace").await);
    fixture.test_app.clock.advance(2 * DAY);
    fixture = fixture.and_phone().await;
    lock_out(&fixture.test_app, "grace").await;
    assert!(!may_try(&fixture.test_app, &early, "grace").await);
}

#[tokio::test]
async fn a_person_has_fifty_known_browsers_and_they_can_be_forgotten() {
    let test_app = TestApp::new().await;
    let mut first = test_app.browser();
    sign_in(&mut first, "grace").await.code();
    for _ in 0..50 {
        test_app.clock.advance(1);
        Answer::code(&sign_in(&mut test_app.browser(), "grace").await);
    }
    assert_eq!(stored(&test_app).await, 50);
    let mut last = test_app.browser();
    test_app.clock.advance(1);
    sign_in(&mut last, "grace").await.code();
    lock_out(&test_app, "grace").await;
    assert!(!may_try(&test_app, &first, "grace").await, "the oldest is forgotten");
    let mut forgotten = last.clone();
    assert!(may_try(&test_app, &last, "grace").await);
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    known_browsers::forget_of_person(&tx, test_app.seed.grace).await.expect("forgotten");
    tx.commit().await.expect("saved");
    lock_out(&test_app, "grace").await;
    assert!(!may_try(&test_app, &forgotten, "grace").await);
    test_app.clock.advance(DAY);
    sign_in(&mut forgotten, "grace").await.code();
}

#[tokio::test]
async fn signing_a_person_out_everywhere_forgets_their_browsers_and_no_others() {
    let test_app = TestApp::new().await;
    for username in ["grace", "gus"] {
        sign_in(&mut test_app.browser(), username).await.code();
    }
    assert_eq!(stored(&test_app).await, 2);
    let context = test_app.app.command_context().await.expect("a tenant");
    people::sign_out(&test_app.app, &context, test_app.seed.grace).await.expect("signed out");
    let left = known_browser::Entity::find().all(test_app.app.storage.connection()).await.expect("rows");
    let left: Vec<_> = left.into_iter().map(|known| known.person_id).collect();
    assert_eq!(left, [test_app.seed.gus]);
}
