//! OpenID Connect Core §3.1.2.1 and §3.1.2.6: the values of `prompt`.

use crate::support::{
    seed::PASSWORD,
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::TestApp,
};

#[tokio::test]
async fn prompt_none_shows_no_page() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let state = format!("{}-._~", "s".repeat(124));
    let none = [("prompt", "none"), ("state", state.as_str())];
    let answer = Answer::of(&browser.go(&request("quiet_app", &none)).await);
    assert_eq!((answer.error(), answer.state()), ("login_required", Some(state.as_str())));
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    test_app.clock.advance(100);
    let silent = grant_of(&test_app, &Answer::of(&browser.go(&request("quiet_app", &none)).await)).await;
    assert_eq!((silent.person_id, silent.auth_time), (first.person_id, first.auth_time));
    let answer = Answer::of(&browser.go(&request("app", &none)).await);
    assert_eq!(answer.error(), "consent_required");
}

#[tokio::test]
async fn prompt_none_succeeds_after_consent() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
    Answer::of(&browser.send(consent.form("decision").press("allow")).await).code();
    Answer::of(&browser.go(&request("app", &[("prompt", "none")])).await).code();
    let more = [("prompt", "none"), ("scope", "openid email")];
    assert_eq!(Answer::of(&browser.go(&request("app", &more)).await).error(), "consent_required");
}

#[tokio::test]
async fn prompt_login_asks_again_and_is_a_new_authentication() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let before = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    test_app.clock.advance(60);
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    assert_eq!(page.url.path(), "/signin/password", "{}", page.summary());
    // The URL of another step does not skip the password.
    for path in ["/consent", "/signin/totp"] {
        let elsewhere = page.url.as_str().replace("/signin/password", path);
        assert_eq!(browser.go(&elsewhere).await.url.path(), "/signin/password");
    }
    let answer = Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await);
    let after = grant_of(&test_app, &answer).await;
    assert_eq!(after.auth_time, before.auth_time.plus_seconds(60));
}

#[tokio::test]
async fn another_person_may_sign_in_when_a_first_factor_is_asked_for() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let page = browser.go(page.link("Not you?").expect("a link to another account").as_str()).await;
    let page = browser.send(page.form("username").fill("username", "gus").submit()).await;
    let grant =
        grant_of(&test_app, &Answer::of(&give_password(&mut browser, &page, "gus", PASSWORD).await)).await;
    assert_eq!(grant.person_id, test_app.seed.gus);
}

#[tokio::test]
async fn prompt_consent_asks_even_if_consent_is_remembered() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go(&request("quiet_app", &[("prompt", "consent")])).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
    let page = browser.go(&request("quiet_app", &[("prompt", "consent")])).await;
    assert_eq!(page.url.path(), "/consent", "{}", page.summary());
    assert_eq!(Answer::of(&browser.send(page.form("decision").press("deny")).await).error(), "access_denied");
}

#[tokio::test]
async fn select_account_asks_once_and_does_not_loop() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let choose = [("prompt", "select_account")];
    let page = browser.go(&request("quiet_app", &choose)).await;
    assert_eq!(page.url.path(), "/signin/identifier", "{}", page.summary());
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    Answer::of(&page).code();
}

#[tokio::test]
async fn select_account_switches_accounts_and_allows_correcting_a_typo() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go(&request("quiet_app", &[("prompt", "select_account")])).await;
    let page = browser.send(page.form("username").fill("username", "GUZ").submit()).await;
    assert_eq!(page.form("password").value("username"), Some("GUZ"), "as it was typed");
    let page = browser.go(page.link("Not you?").expect("a link to another account").as_str()).await;
    let page = browser.send(page.form("username").fill("username", "GUS").submit()).await;
    assert_eq!(
        page.form("password").value("username"),
        Some("GUS"),
        "as it was typed, also for an existing account"
    );
    let answer = Answer::of(&give_password(&mut browser, &page, "gus", PASSWORD).await);
    assert_eq!(grant_of(&test_app, &answer).await.person_id, test_app.seed.gus);
}

#[tokio::test]
async fn every_page_can_be_cancelled() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let first = browser.go(&request("app", &[])).await;
    let password = browser.send(first.form("username").fill("username", "tom").submit()).await;
    let consent = {
        let mut other = test_app.browser();
        let page = other.go(&request("app", &[])).await;
        let page = give_password(&mut other, &page, "grace", PASSWORD).await;
        assert_eq!(page.url.path(), "/consent");
        other.send(page.form("decision").press("deny")).await
    };
    assert_eq!(Answer::of(&consent).error(), "access_denied");
    let cancelled = browser.send(password.form("decision").press("deny")).await;
    assert_eq!(Answer::of(&cancelled).error(), "access_denied");
    let cancelled = browser.send(first.form("decision").press("deny")).await;
    assert_eq!(Answer::of(&cancelled).error(), "access_denied");
}

#[tokio::test]
async fn cancelling_denies_access_even_if_another_tab_has_signed_in() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let open = browser.go(&request("quiet_app", &[])).await;
    sign_in(&mut browser, "grace").await;
    let cancelled = browser.send(open.form("decision").press("deny")).await;
    assert_eq!(Answer::of(&cancelled).error(), "access_denied");
    // Without cancelling, the same page continues with the current session.
    Answer::of(&browser.go(open.url.as_str()).await).code();
}
