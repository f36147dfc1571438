//! "This wasn't me": during a sign-in, and after it.

use crate::support::{
    audit_log::AuditLog,
    browser::Browser,
    page::Page,
    phone::Act,
    push_fixture::{PushFixture, assert_waiting, continuing},
    relying_party::Tokens,
    seed::PASSWORD,
    sign_in::{Answer, give_password, request},
    test_app::{HOME, TestApp},
};
use ::entity::pool;
use countersign::{
    directory::{FactorKind, PoolPolicy},
    storage::Executor,
};
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

const NEW: &str = "seventeen quiet otters";

fn browser_at(test_app: &TestApp, address: &str) -> Browser {
    Browser::new(test_app.http_client_from(address), HOME)
}

/// Signs Alice in by an approval, with offline access; returns the tokens.
async fn sign_in(fixture: &mut PushFixture) -> Tokens {
    let ask = fixture.app.ask().await.with("scope", "openid offline_access");
    let page = fixture.sign_in(&ask).await;
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.go("/").await.text.contains("Signed in as")
}

async fn to_next_page(test_app: &TestApp, address: &str, username: &str) -> Page {
    let mut browser = browser_at(test_app, address);
    let page = browser.go(&request("quiet_app", &[])).await;
    give_password(&mut browser, &page, username, PASSWORD).await
}

#[tokio::test]
async fn a_report_after_the_sign_in_ends_its_session_and_its_grants_and_no_other() {
    let mut fixture = PushFixture::with_phone().await;
    let own = browser_at(&fixture.test_app, "198.51.100.20");
    let strangers = std::mem::replace(&mut fixture.browser, own);
    let kept = sign_in(&mut fixture).await;
    fixture.test_app.clock.advance(60);
    let own = std::mem::replace(&mut fixture.browser, strangers);
    let ask = fixture.app.ask().await.with("scope", "openid offline_access");
    let page = fixture.sign_in(&ask).await;
    let number = page.text_of("number").expect("a number");
    let challenge = fixture.look().await;
    fixture.phone.answer(&challenge, Act::Approve(&number)).await.expect("approved");
    let page = fixture.go_on(&page).await;
    let tokens = fixture.tokens(&ask, &page).await;
    let mut strangers = fixture.browser.clone();
    let mut own = own;
    assert!(is_signed_in(&mut strangers).await && is_signed_in(&mut own).await);

    fixture.test_app.clock.advance(60);
    let fetched = fixture.phone.fetch(&challenge.cid).await.expect("its details");
    assert_eq!(fetched.whole["actions"], json!(["report"]));
    let mut log = AuditLog::from_now(&fixture.test_app.app).await;
    for _ in 0..2 {
        let state = fixture.phone.answer(&fetched, Act::Report("not_me")).await;
        assert_eq!(state.expect("an answer"), "reported");
    }
    insta::assert_snapshot!(log.news(&fixture.test_app.app).await, @r#"
    challenge.reported alice phone#1 sign-in#3 {"advice":[],"after_sign_in":true,"why":"not_me"}
    person.password_exposed alice
    person.source_blocked alice {"source":"192.0.2.1/32","until":"+86400 s"}
    push.muted alice phone#1 sign-in#3 {"reason":"report","until":"+1200 s"}
    session.ended alice {"by":"reported"}
    "#);
    assert!(!is_signed_in(&mut strangers).await);
    assert_eq!(fixture.app.userinfo(&tokens).await.expect_err("ended").status, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.app.refresh(&tokens).await.expect_err("ended").error, "invalid_grant");
    assert!(is_signed_in(&mut own).await, "the session that another approval gave stays");
    fixture.app.refresh(&kept).await.expect("and its tokens");
    let over = fixture.phone.fetch(&challenge.cid).await.expect("it is there");
    assert_eq!((&over.whole["actions"], &over.whole["state"]), (&json!([]), &json!("consumed")));
}

#[tokio::test]
async fn a_report_makes_the_browsers_of_its_source_unknown_and_no_others() {
    let mut fixture = PushFixture::with_phone().await;
    let (stranger, own) = (fixture.browser.clone(), browser_at(&fixture.test_app, "198.51.100.20"));
    let mut both = [(stranger, "192.0.2.1"), (own, "198.51.100.20")];
    let mut of_stranger = None;
    for (browser, _) in &mut both {
        fixture.test_app.clock.advance(60);
        std::mem::swap(browser, &mut fixture.browser);
        let (ask, page) = fixture.begin_waiting().await;
        let (challenge, number) = (fixture.look().await, page.text_of("number").expect("a number"));
        fixture.phone.answer(&challenge, Act::Approve(&number)).await.expect("approved");
        let page = fixture.go_on(&page).await;
        fixture.tokens(&ask, &page).await;
        std::mem::swap(browser, &mut fixture.browser);
        of_stranger.get_or_insert(challenge);
    }
    for is_reported in [false, true] {
        if is_reported {
            let challenge = of_stranger.as_ref().expect("the approval of the stranger's browser");
            let state = fixture.phone.answer(challenge, Act::Report("not_me")).await;
            assert_eq!(state.expect("an answer"), "reported");
        }
        for (browser, address) in &both {
            fixture.test_app.clock.advance(60);
            let mut browser = browser.clone();
            browser.cookies.forget("countersign_session");
            // A network that was not reported.
            browser.move_to(fixture.test_app.http_client_from("203.0.113.9"));
            let ask = fixture.app.ask().await;
            let page = fixture.sign_in_with(&mut browser, &ask).await;
            assert_waiting(&page);
            let flags = fixture.look().await.details["flags"].to_string();
            let is_known = !(is_reported && *address == "192.0.2.1");
            assert_eq!(!flags.contains("new_device"), is_known, "{address}: {flags}");
            fixture.answer(Act::Deny).await.expect("denied");
        }
    }
}

#[tokio::test]
async fn a_denied_request_is_not_reported_afterwards() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.begin_waiting().await;
    let challenge = fixture.look().await;
    fixture.phone.answer(&challenge, Act::Deny).await.expect("denied");
    let refused = fixture.phone.answer(&challenge, Act::Report("not_me")).await.expect_err("it is over");
    assert_eq!(refused.code, "challenge_closed");
}

#[tokio::test]
async fn a_report_makes_the_next_sign_in_choose_a_new_password() {
    for is_reported in [false, true] {
        let mut fixture = PushFixture::with_phone().await;
        fixture.begin_waiting().await;
        let act = if is_reported { Act::Report("not_me") } else { Act::Deny };
        fixture.answer(act).await.expect("an answer");
        fixture.test_app.clock.advance(60);
        fixture.browser = browser_at(&fixture.test_app, "198.51.100.20");
        let (ask, page) = fixture.begin_waiting().await;
        let page = fixture.approve(&page).await;
        if !is_reported {
            fixture.tokens(&ask, &page).await;
            continue;
        }
        assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
        let form = page.form("new_password").fill("new_password", NEW).fill("new_password_again", NEW);
        let page = fixture.browser.send(form.submit()).await;
        fixture.tokens(&ask, &page).await;
    }
}

#[tokio::test]
async fn the_source_of_a_reported_sign_in_is_blocked_for_that_person_for_a_day() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.begin_waiting().await;
    fixture.answer(Act::Report("not_me")).await.expect("reported");
    let test_app = &fixture.test_app;
    test_app.clock.advance(24 * 3600 - 1);
    let page = to_next_page(test_app, "192.0.2.1", "alice").await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    assert!(page.text.contains("You can try again in 1 second."), "{}", page.text);
    let page = to_next_page(test_app, "192.0.2.1", "tom").await;
    assert_eq!(page.url.path(), "/signin/totp", "another person: {}", page.summary());
    let page = to_next_page(test_app, "192.0.2.2", "alice").await;
    assert_eq!(page.url.path(), "/signin/push", "another source: {}", page.summary());
    test_app.clock.advance(1);
    let page = to_next_page(test_app, "192.0.2.1", "alice").await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
}

/// Makes the phone the first factor.
async fn ask_the_phone_first(test_app: &TestApp) {
    let policy = PoolPolicy {
        first_factors: vec![FactorKind::Push],
        second_factors: vec![FactorKind::Password],
        ..PoolPolicy::default()
    };
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    pool::Entity::update_many()
        .col_expr(pool::Column::Policy, Expr::value(serde_json::to_value(policy).expect("JSON")))
        .filter(pool::Column::Id.eq(test_app.seed.people))
        .exec(tx.connection())
        .await
        .expect("a policy");
    tx.commit().await.expect("kept");
    test_app.app.directory.forget();
}

#[tokio::test]
async fn no_request_is_sent_to_the_phone_from_a_reported_source() {
    for is_reported in [false, true] {
        let mut fixture = PushFixture::with_phone().await;
        fixture.begin_waiting().await;
        let act = if is_reported { Act::Report("not_me") } else { Act::Deny };
        fixture.answer(act).await.expect("an answer");
        ask_the_phone_first(&fixture.test_app).await;
        fixture.test_app.clock.advance(60);
        let mut browser = fixture.test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        let page = browser.send(page.form("username").fill("username", "alice").submit()).await;
        assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
        assert_eq!(page.text.contains("was reported as not being you"), is_reported, "{}", page.text);
        assert_eq!(page.attribute("form[data-sends-itself]", "action"), None);
        let open = fixture.phone.open_challenges().await.expect("a list");
        assert_eq!(open.len(), usize::from(!is_reported));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_report_and_the_browser_at_once_leave_no_session() {
    for _ in 0..6 {
        let mut fixture = PushFixture::with_phone().await;
        let (_, page) = fixture.begin_waiting().await;
        let number = page.text_of("number").expect("a number");
        let challenge = fixture.look().await;
        fixture.phone.answer(&challenge, Act::Approve(&number)).await.expect("approved");
        let barrier = Arc::new(Barrier::new(2));
        let (mut browser, at_browser) = (fixture.browser.clone(), Arc::clone(&barrier));
        let form = continuing(&page);
        let going_on = tokio::spawn(async move {
            at_browser.wait().await;
            browser.send(form).await;
            browser
        });
        barrier.wait().await;
        let state = fixture.phone.answer(&challenge, Act::Report("not_me")).await;
        assert_eq!(state.expect("an answer"), "reported");
        let mut browser = going_on.await.expect("it ends");
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_source_that_was_not_reported_is_not_blocked() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.begin_waiting().await;
    fixture.answer(Act::Deny).await.expect("denied");
    let page = to_next_page(&fixture.test_app, "192.0.2.1", "alice").await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert!(Answer::seek(&page).is_none());
}
