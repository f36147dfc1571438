//! A password that must be changed: the next sign-in asks for a new one, and what the old one gave ends.

use crate::support::{
    audit_log::{AuditLog, details_of},
    browser::Browser,
    page::Page,
    push_fixture::{PushFixture, assert_waiting},
    seed::PASSWORD,
    sign_in::{Answer, give_password, request, sign_in},
    test_app::TestApp,
};
use ::entity::ids::PersonId;
use countersign::storage::people;
use std::sync::Arc;
use tokio::sync::Barrier;

const NEW: &str = "seventeen quiet otters";

/// Makes the person change the password at the next sign-in.
async fn expose(test_app: &TestApp, person: PersonId) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    people::require_new_password(&tx, person, test_app.app.now()).await.expect("a duty");
    tx.commit().await.expect("kept");
    test_app.clock.advance(1);
}

/// Types the new password twice.
async fn choose(browser: &mut Browser, page: &Page, password: &str, again: &str) -> Page {
    assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
    let form = page.form("new_password").fill("new_password", password).fill("new_password_again", again);
    browser.send(form.submit()).await
}

async fn to_new_password(test_app: &TestApp, username: &str) -> (Browser, Page) {
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, username, PASSWORD).await;
    assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
    (browser, page)
}

async fn is_let_in(test_app: &TestApp, password: &str) -> bool {
    test_app.clock.advance(1);
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::seek(&give_password(&mut browser, &page, "grace", password).await).is_some()
}

#[tokio::test]
async fn the_next_sign_in_asks_for_a_new_password_and_goes_on_with_it() {
    let test_app = TestApp::new().await;
    let quiet = test_app.relying_party("quiet_app");
    let mut elsewhere = test_app.browser();
    let ask = quiet.ask().await.with("scope", "openid offline_access");
    let page = elsewhere.go(&ask.address()).await;
    let page = give_password(&mut elsewhere, &page, "grace", PASSWORD).await;
    let tokens = quiet.redeem(&ask, &quiet.receive(&ask, &page).expect("a code")).await.expect("tokens");
    expose(&test_app, test_app.seed.grace).await;
    let mut log = AuditLog::from_now(&test_app.app).await;
    let (mut browser, page) = to_new_password(&test_app, "grace").await;
    assert_eq!(page.attribute("#new_password", "autocomplete").as_deref(), Some("new-password"));
    assert!(page.text.contains("15 to 128 characters"), "{}", page.text);
    let page = choose(&mut browser, &page, NEW, NEW).await;
    assert!(!Answer::of(&page).code().is_empty());
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"
    password.changed grace quiet_app sign-in#2
    sign_in.succeeded grace quiet_app sign-in#2 {"acr":"1fa","amr":["pwd"],"how":"proved"}
    "#);

    assert!(!is_let_in(&test_app, PASSWORD).await);
    assert!(is_let_in(&test_app, NEW).await);
    assert_eq!(quiet.refresh(&tokens).await.expect_err("ended").error, "invalid_grant");
    let home = elsewhere.go("/").await;
    assert!(home.link("Sign in").is_some(), "the other browser is signed out: {}", home.summary());
    assert!(browser.go("/").await.text.contains("Signed in as"), "this one is signed in");
}

#[tokio::test]
async fn a_password_that_breaks_a_rule_is_named_at_its_field_and_changes_nothing() {
    let test_app = TestApp::new().await;
    expose(&test_app, test_app.seed.grace).await;
    let (mut browser, mut page) = to_new_password(&test_app, "grace").await;
    for (password, again, field, sentence) in [
        ("", "", "new_password", "Enter a new password."),
        ("short", "short", "new_password", "Use at least 15 characters"),
        ("grace likes tea a lot", "grace likes tea a lot", "new_password", "contains your name"),
        (PASSWORD, PASSWORD, "new_password", "one of the first that attackers try"),
        (NEW, "seventeen quiet otter", "new_password_again", "The two passwords are not the same."),
    ] {
        page = choose(&mut browser, &page, password, again).await;
        let problem = page.text_of(&format!("{field}-problem")).unwrap_or_default();
        assert!(problem.contains(sentence), "{password:?}: {}", page.summary());
        assert_eq!(page.attribute(&format!("#{field}"), "aria-invalid").as_deref(), Some("true"));
        assert!(!page.text.contains(NEW), "a password is not shown again");
    }
    assert!(details_of(&test_app.app, test_app.seed.grace, "password.changed").await.is_empty());
    let page = choose(&mut browser, &page, NEW, NEW).await;
    assert!(!Answer::of(&page).code().is_empty());

    expose(&test_app, test_app.seed.grace).await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "grace", NEW).await;
    let page = choose(&mut browser, &page, NEW, NEW).await;
    let problem = page.text_of("new_password-problem").unwrap_or_default();
    assert!(problem.contains("This is the password that you have."), "{}", page.summary());
}

#[tokio::test]
async fn cancelling_leaves_the_password_and_the_duty() {
    let test_app = TestApp::new().await;
    expose(&test_app, test_app.seed.grace).await;
    let (mut browser, page) = to_new_password(&test_app, "grace").await;
    let page = browser.send(page.form("Cancel").press("Cancel")).await;
    assert_eq!(Answer::of(&page).error(), "access_denied");
    to_new_password(&test_app, "grace").await;
}

#[tokio::test]
async fn a_person_with_a_phone_approves_before_the_password_is_changed() {
    let mut fixture = PushFixture::of("grace").await.and_phone().await;
    expose(&fixture.test_app, fixture.test_app.seed.grace).await;
    let (ask, page) = fixture.begin_waiting().await;
    let early = page.url.as_str().replace("/signin/push", "/signin/new-password");
    assert_waiting(&fixture.browser.go(&early).await);
    let page = fixture.approve(&page).await;
    let page = choose(&mut fixture.browser, &page, NEW, NEW).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["acr"], "2fa");
}

#[tokio::test]
async fn a_session_from_before_changes_no_password_and_is_not_answered_silently() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    expose(&test_app, test_app.seed.grace).await;
    let silent = browser.go(&request("quiet_app", &[("prompt", "none")])).await;
    assert_eq!(Answer::of(&silent).error(), "login_required");
    let page = browser.go(&request("quiet_app", &[])).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    assert!(page.text.contains("Your password must be changed"), "{}", page.text);
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let page = choose(&mut browser, &page, NEW, NEW).await;
    assert!(!Answer::of(&page).code().is_empty());
    let silent = browser.go(&request("quiet_app", &[("prompt", "none")])).await;
    assert_eq!(Answer::of(&silent).error(), "");
}

#[tokio::test]
async fn simultaneous_forms_change_the_password_once() {
    let test_app = TestApp::new().await;
    expose(&test_app, test_app.seed.grace).await;
    let (browser, page) = to_new_password(&test_app, "grace").await;
    let barrier = Arc::new(Barrier::new(8));
    let mut forms = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (mut browser, page, barrier) = (browser.clone(), page.clone(), Arc::clone(&barrier));
        let password = format!("{NEW} and {number}");
        forms.spawn(async move {
            barrier.wait().await;
            choose(&mut browser, &page, &password, &password).await;
        });
    }
    forms.join_all().await;
    assert_eq!(details_of(&test_app.app, test_app.seed.grace, "password.changed").await.len(), 1);
    let mut right = 0;
    for number in 0..8 {
        // So that no lockout decides.
        test_app.clock.advance(24 * 3600);
        right += usize::from(is_let_in(&test_app, &format!("{NEW} and {number}")).await);
    }
    assert_eq!(right, 1);
}

#[tokio::test]
async fn another_sign_in_that_has_proved_the_old_password_ends() {
    let test_app = TestApp::new().await;
    let mut thief = test_app.browser();
    let page = thief.go(&request("app", &[])).await;
    let consent = give_password(&mut thief, &page, "grace", PASSWORD).await;
    assert_eq!(consent.url.path(), "/consent", "{}", consent.summary());
    expose(&test_app, test_app.seed.grace).await;
    let (mut browser, page) = to_new_password(&test_app, "grace").await;
    choose(&mut browser, &page, NEW, NEW).await;
    let page = thief.send(consent.form("Allow").press("Allow")).await;
    assert!(Answer::seek(&page).is_none(), "{}", page.summary());
    assert_eq!(page.status.as_u16(), 410, "{}", page.summary());
}
