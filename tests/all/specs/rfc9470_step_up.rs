//! RFC 9470: an `acr` that the session does not satisfy leads to the missing step, and nothing else is asked
//! again.

use crate::support::{
    seed::PASSWORD,
    sign_in::{
        Answer, code_of, enroll_generator, give_code, give_password, grant_of, request, sign_in, sign_in_tom,
        to_code,
    },
    test_app::TestApp,
};
use countersign::{clock::Clock, storage::clients};

#[tokio::test]
async fn a_second_factor_is_asked_for_where_the_pool_wants_one_and_the_token_says_so() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let grant = grant_of(&test_app, &sign_in_tom(&mut browser, &test_app.seed, &test_app.clock).await).await;
    assert_eq!((grant.acr.as_deref(), grant.amr.as_str()), (Some("2fa"), "pwd otp mfa"));
    let grant = grant_of(&test_app, &sign_in(&mut test_app.browser(), "grace").await).await;
    assert_eq!((grant.acr.as_deref(), grant.amr.as_str()), (Some("1fa"), "pwd"));
}

#[tokio::test]
async fn a_step_up_asks_for_the_second_factor_alone() {
    let test_app = TestApp::new().await;
    let seed = enroll_generator(&test_app, test_app.seed.grace).await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let weak =
        grant_of(&test_app, &Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await)).await;
    assert_eq!(weak.acr.as_deref(), Some("1fa"));
    test_app.clock.advance(60);
    let page = browser.go(&request("quiet_app", &[("acr_values", "2fa")])).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    let code = code_of(&seed, test_app.clock.now());
    let strong = grant_of(&test_app, &Answer::of(&give_code(&mut browser, &page, &code).await)).await;
    assert_eq!((strong.acr.as_deref(), strong.amr.as_str()), (Some("2fa"), "pwd otp mfa"));
    assert_eq!(strong.auth_time, weak.auth_time, "the first factor was not proved again");
    assert_eq!(strong.session_id, weak.session_id, "the same session, raised");
    let silent = [("acr_values", "2fa"), ("prompt", "none")];
    assert_eq!(
        grant_of(&test_app, &Answer::of(&browser.go(&request("quiet_app", &silent)).await)).await.acr,
        strong.acr
    );
}

#[tokio::test]
async fn the_acr_that_a_client_requires_applies_to_every_request() {
    let test_app = TestApp::new().await;
    enroll_generator(&test_app, test_app.seed.grace).await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await).code();
    let tx = test_app.app.storage.begin().await.unwrap();
    let mut settings = clients::get(&tx, test_app.seed.quiet_app).await.unwrap().settings;
    settings.required_acr = Some("2fa".to_owned());
    clients::save_settings(&tx, test_app.seed.quiet_app, &settings).await.unwrap();
    tx.commit().await.unwrap();
    test_app.app.directory.forget();
    for parameters in [&[] as &[(&str, &str)], &[("acr_values", "1fa")], &[("max_age", "9999")]] {
        let page = browser.go(&request("quiet_app", parameters)).await;
        assert_eq!(page.url.path(), "/signin/totp", "{parameters:?}: {}", page.summary());
    }
    let silent = Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await);
    assert_eq!(silent.error(), "login_required");
}

#[tokio::test]
async fn prompt_login_asks_for_both_factors_again() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in_tom(&mut browser, &test_app.seed, &test_app.clock).await;
    test_app.clock.advance(30);
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    assert!(Answer::seek(&page).is_none(), "a second factor is owed: {}", page.summary());
    let page = to_code(&mut browser, &page).await;
    let code = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    Answer::of(&give_code(&mut browser, &page, &code).await).code();
}

#[tokio::test]
async fn a_second_factor_alone_never_signs_in() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "tom").submit()).await;
    let code = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    let mut form = page.form("password").forge("code", &code).submit();
    form.action.set_path("/signin/totp");
    let page = browser.send(form).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    Answer::of(&give_code(&mut browser, &page, &code).await).code();
}
