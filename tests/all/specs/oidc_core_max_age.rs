//! OpenID Connect Core §3.1.2.1: `max_age` counts from the authentication, never from the issue of a token.

use crate::support::{
    seed::PASSWORD,
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::TestApp,
};

#[tokio::test]
async fn a_recent_authentication_is_not_repeated() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    for (seconds, max_age) in [(10, "15000"), (3590, "10000"), (0, "4294967295")] {
        test_app.clock.advance(seconds);
        let answer = Answer::of(&browser.go(&request("quiet_app", &[("max_age", max_age)])).await);
        assert_eq!(grant_of(&test_app, &answer).await.auth_time, first.auth_time);
    }
}

#[tokio::test]
async fn an_older_authentication_is_repeated_once() {
    let test_app = TestApp::new().await;
    for max_age in ["0", "1", "60"] {
        let mut browser = test_app.browser();
        let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
        test_app.clock.advance(61);
        let silent = [("max_age", max_age), ("prompt", "none")];
        assert_eq!(Answer::of(&browser.go(&request("quiet_app", &silent)).await).error(), "login_required");
        let page = browser.go(&request("quiet_app", &[("max_age", max_age)])).await;
        assert_eq!(page.url.path(), "/signin/password", "max_age={max_age}: {}", page.summary());
        test_app.clock.advance(5);
        let answer = Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await);
        assert_eq!(grant_of(&test_app, &answer).await.auth_time, first.auth_time.plus_seconds(66));
    }
}

#[tokio::test]
async fn max_age_of_one_asks_again_two_seconds_later() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    test_app.clock.advance(1);
    Answer::of(&browser.go(&request("quiet_app", &[("max_age", "1")])).await).code();
    test_app.clock.advance(1);
    let page = browser.go(&request("quiet_app", &[("max_age", "1")])).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
}

#[tokio::test]
async fn max_age_of_zero_always_asks() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go(&request("quiet_app", &[("max_age", "0")])).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await).code();
}
