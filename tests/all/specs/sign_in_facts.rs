//! Each step reads person, pool and client again, so that a page opened before a change obeys the change.

use super::super::support::{
    audit_log::details_of,
    browser::Browser,
    page::Page,
    seed::PASSWORD,
    sign_in::{Answer, code_of, give_code, give_password, request, to_code},
    test_app::TestApp,
};
use ::entity::{
    client_pool,
    ids::{ClientKey, PersonId, PoolId},
    pool,
};
use countersign::{
    clock::Clock,
    directory::{ClientSettings, ConsentRule, PoolPolicy, SecondFactorRule},
    storage::{Executor, clients, people},
};
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

async fn set_policy(test_app: &TestApp, pool: PoolId, policy: PoolPolicy) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    let policy = serde_json::to_value(policy).expect("JSON");
    pool::Entity::update_many()
        .col_expr(pool::Column::Policy, Expr::value(policy))
        .filter(pool::Column::Id.eq(pool))
        .exec(tx.connection())
        .await
        .expect("a policy");
    tx.commit().await.expect("kept");
    test_app.app.directory.forget();
}

async fn set_client(test_app: &TestApp, key: ClientKey, change: impl FnOnce(&mut ClientSettings)) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    let mut settings = clients::get(&tx, key).await.expect("a client").settings;
    change(&mut settings);
    clients::save_settings(&tx, key, &settings).await.expect("settings");
    tx.commit().await.expect("kept");
    test_app.app.directory.forget();
}

async fn take_pool(test_app: &TestApp, key: ClientKey, pool: PoolId) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    client_pool::Entity::delete_by_id((key, pool)).exec(tx.connection()).await.expect("taken");
    tx.commit().await.expect("kept");
    test_app.app.directory.forget();
}

async fn disable(test_app: &TestApp, person: PersonId) {
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    people::save_disabled(&tx, person, Some(test_app.app.now())).await.expect("disabled");
    tx.commit().await.expect("kept");
}

/// The reasons of this person's refused sign-ins.
async fn refusals(test_app: &TestApp, person: PersonId) -> Vec<String> {
    let refused = details_of(&test_app.app, person, "sign_in.refused").await;
    refused.iter().map(|detail| detail["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Signs Gus in by password up to the consent for `app`.
async fn at_consent(browser: &mut Browser) -> Page {
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(browser, &page, "gus", PASSWORD).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    page
}

async fn allow(browser: &mut Browser, page: &Page) -> Page {
    browser.send(page.form("Allow").press("Allow")).await
}

fn always() -> PoolPolicy {
    PoolPolicy { second_factor: SecondFactorRule::Always, ..PoolPolicy::default() }
}

#[tokio::test]
async fn a_policy_that_became_stronger_is_obeyed_by_a_page_from_before() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = at_consent(&mut browser).await;
    set_policy(&test_app, test_app.seed.guests, always()).await;
    let looked = browser.go(page.url.as_str()).await;
    assert_eq!(looked.url.path(), "/signin/enroll", "{}", looked.summary());
    let page = allow(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
}

#[tokio::test]
async fn an_acr_that_the_client_came_to_require_is_obeyed_by_a_page_from_before() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = at_consent(&mut browser).await;
    set_client(&test_app, test_app.seed.app, |settings| settings.required_acr = Some("2fa".to_owned())).await;
    let page = allow(&mut browser, &page).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
}

#[tokio::test]
async fn a_page_from_before_is_answered_while_nothing_has_changed() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = at_consent(&mut browser).await;
    test_app.app.directory.forget();
    assert!(!Answer::of(&allow(&mut browser, &page).await).code().is_empty());
}

#[tokio::test]
async fn consent_that_the_client_came_to_need_is_asked_for() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "gus").submit()).await;
    set_client(&test_app, test_app.seed.quiet_app, |settings| settings.consent = ConsentRule::default())
        .await;
    let page = give_password(&mut browser, &page, "gus", PASSWORD).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    assert!(!Answer::of(&allow(&mut browser, &page).await).code().is_empty());
}

#[tokio::test]
async fn consent_that_was_given_in_another_tab_finishes_this_one_too() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let (first, second) = (at_consent(&mut browser).await, at_consent(&mut browser).await);
    assert!(!Answer::of(&allow(&mut browser, &first).await).code().is_empty());
    assert!(!Answer::of(&allow(&mut browser, &second).await).code().is_empty());
}

#[tokio::test]
async fn a_pool_that_was_taken_from_the_client_gets_no_code() {
    for is_taken in [false, true] {
        let test_app = TestApp::new().await;
        let mut browser = test_app.browser();
        let page = at_consent(&mut browser).await;
        if is_taken {
            take_pool(&test_app, test_app.seed.app, test_app.seed.guests).await;
        }
        let answer = Answer::of(&allow(&mut browser, &page).await);
        assert_eq!(answer.error(), if is_taken { "access_denied" } else { "" });
        assert_eq!(browser.cookies.value("countersign_session").is_none(), is_taken);
        let reasons: &[&str] = if is_taken { &["not_admitted"] } else { &[] };
        assert_eq!(refusals(&test_app, test_app.seed.gus).await, reasons);
    }
}

#[tokio::test]
async fn a_client_that_was_disabled_gets_no_code() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = at_consent(&mut browser).await;
    let tx = test_app.app.storage.begin().await.expect("a transaction");
    clients::save_disabled(&tx, test_app.seed.app, Some(test_app.app.now())).await.expect("disabled");
    tx.commit().await.expect("kept");
    test_app.app.directory.forget();
    let page = allow(&mut browser, &page).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.summary());
    assert!(page.text.contains("switched off"), "{}", page.summary());
}

/// The step at which Tom is disabled.
#[derive(Clone, Copy, Debug)]
enum Before {
    Password,
    Code,
    Consent,
}

#[tokio::test]
async fn a_person_who_was_disabled_gets_no_code_from_any_page() {
    for at in [Before::Password, Before::Code, Before::Consent] {
        for is_disabled in [false, true] {
            let test_app = TestApp::new().await;
            let page = walk_tom(&test_app, at, is_disabled).await;
            let is_signed_in = Answer::seek(&page).is_some_and(|answer| answer.error().is_empty());
            assert_eq!(is_signed_in, !is_disabled, "{at:?}: {}", page.summary());
            let is_refused = is_disabled && !matches!(at, Before::Password);
            let reasons: &[&str] = if is_refused { &["disabled"] } else { &[] };
            assert_eq!(refusals(&test_app, test_app.seed.tom).await, reasons, "{at:?}");
        }
    }
}

async fn walk_tom(test_app: &TestApp, at: Before, is_disabled: bool) -> Page {
    let mut browser = test_app.browser();
    let disable_at = async |here: &str| {
        if is_disabled && here == format!("{at:?}") {
            disable(test_app, test_app.seed.tom).await;
        }
    };
    let page = browser.go(&request("app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "tom").submit()).await;
    disable_at("Password").await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    if page.url.path() == "/signin/password" {
        assert!(page.text.contains("do not match"), "as for a name that does not exist: {}", page.summary());
        return page;
    }
    let page = to_code(&mut browser, &page).await;
    disable_at("Code").await;
    let page = give_code(&mut browser, &page, &code_of(&test_app.seed.tom_seed, test_app.clock.now())).await;
    if page.url.path() != "/consent" {
        return page;
    }
    disable_at("Consent").await;
    allow(&mut browser, &page).await
}
