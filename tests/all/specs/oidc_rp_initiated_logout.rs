//! OpenID Connect RP-Initiated Logout 1.0: which requests end a session, and which redirects follow.

use super::oidc_core_hints::{id_token, id_token_in, unsigned};
use crate::support::{
    browser::Browser,
    page::Page,
    seed::{PASSWORD, POST_LOGOUT_REDIRECT_URI, REDIRECT_URI},
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::TestApp,
};
use ::entity::{browser_session, grant};
use countersign::storage::Executor;
use sea_orm::EntityTrait;
use url::Url;

fn signout(parameters: &[(&str, &str)]) -> String {
    let mut url = Url::parse("http://localhost:8080/signout").unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).error().is_empty()
}

fn assert_confirms(page: &Page, what: &str) {
    assert!(page.departure.is_none(), "{what}: {}", page.summary());
    assert!(page.form("decision").has("csrf"), "{what}: {}", page.summary());
}

#[tokio::test]
async fn a_hint_of_the_session_signs_out_and_returns_with_the_state() {
    let test_app = TestApp::new().await;
    for (age, state) in [(0, Some("s".repeat(124) + "-._~")), (90 * 24 * 3600, None)] {
        let mut browser = test_app.browser();
        let sid = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await.session_id;
        let hint = id_token_in(&test_app, test_app.seed.grace, "app", age, sid).await;
        let mut parameters =
            vec![("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI)];
        parameters.extend(state.as_deref().map(|state| ("state", state)));
        let page = browser.arrive("https://app.example.com", &signout(&parameters)).await;
        let arrival = page.departure.unwrap_or_else(|| panic!("no return: {}", page.url));
        assert!(arrival.as_str().starts_with(POST_LOGOUT_REDIRECT_URI));
        let back: Vec<_> = arrival.query_pairs().into_owned().collect();
        assert_eq!(back, state.map(|state| ("state".to_owned(), state)).into_iter().collect::<Vec<_>>());
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_post_from_the_applications_site_revokes_the_session() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let grant = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    let before = browser.clone();
    let hint = id_token_in(&test_app, test_app.seed.grace, "app", 0, grant.session_id).await;
    let fields = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI)];
    let page = browser.arrive_by_post("https://app.example.com", "/signout", &fields).await;
    assert!(page.departure.is_some(), "{}", page.summary());
    assert!(!is_signed_in(&mut before.clone()).await, "the old cookie has no session: {}", grant.id);
}

#[tokio::test]
async fn a_request_without_a_valid_hint_asks_before_signing_out() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let own = id_token(&test_app, test_app.seed.grace, "app", 0).await;
    let none = unsigned(&own);
    let other = id_token(&test_app, test_app.seed.gus, "app", 0).await;
    let elsewhere = grant_of(&test_app, &sign_in(&mut test_app.browser(), "grace").await).await.session_id;
    let elsewhere = id_token_in(&test_app, test_app.seed.grace, "app", 0, elsewhere).await;
    let back = ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI);
    for (what, parameters) in [
        ("no parameters", vec![]),
        ("a state alone", vec![("state", "x")]),
        ("no hint", vec![back, ("state", "x")]),
        ("alg none", vec![back, ("id_token_hint", none.as_str())]),
        ("no token", vec![back, ("id_token_hint", "hint")]),
        ("another person", vec![back, ("id_token_hint", other.as_str())]),
        ("another browser of the same person", vec![back, ("id_token_hint", elsewhere.as_str())]),
        ("no session", vec![back, ("id_token_hint", own.as_str())]),
        ("a client id alone", vec![back, ("client_id", "app")]),
    ] {
        assert_confirms(&browser.arrive("https://evil.example", &signout(&parameters)).await, what);
        assert_confirms(&browser.arrive_by_post("https://evil.example", "/signout", &parameters).await, what);
        assert!(is_signed_in(&mut browser).await, "{what}");
    }
}

#[tokio::test]
async fn a_hint_of_the_session_needs_no_question_after_another_authentication_in_it() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let sid = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await.session_id;
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let again = Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await);
    assert_eq!(grant_of(&test_app, &again).await.session_id, sid, "the session goes on");
    let hint = id_token_in(&test_app, test_app.seed.grace, "app", 0, sid).await;
    let parameters =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI)];
    let page = browser.go(&signout(&parameters)).await;
    assert!(page.departure.is_some(), "{}", page.summary());
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn the_question_names_the_person_and_a_browser_without_a_session_is_not_asked() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let sid = grant_of(&test_app, &sign_in(&mut test_app.browser(), "grace").await).await.session_id;
    let hint = id_token_in(&test_app, test_app.seed.grace, "app", 0, sid).await;
    let parameters =
        [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI)];
    let page = browser.go(&signout(&parameters)).await;
    assert!(page.departure.is_some(), "no session, no question: {}", page.summary());
    sign_in(&mut browser, "gus").await;
    let page = browser.go(&signout(&parameters)).await;
    assert_confirms(&page, "the session of Gus");
    assert!(page.text.contains("<strong>gus</strong>"), "{}", page.summary());
    let page = browser.send(page.form("decision").press("allow")).await;
    assert!(page.departure.is_some() && !is_signed_in(&mut browser).await, "{}", page.summary());
}

#[tokio::test]
async fn an_unregistered_redirect_uri_shows_a_page_and_keeps_the_session() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let hint = id_token(&test_app, test_app.seed.grace, "app", 0).await;
    let added = format!("{POST_LOGOUT_REDIRECT_URI}?x=1");
    for uri in [
        "https://evil.example/",
        added.as_str(),
        "https://app.example.com/bye/",
        REDIRECT_URI,
        "//evil.example",
    ] {
        let parameters = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", uri)];
        for page in [
            browser.go(&signout(&parameters)).await,
            browser.arrive_by_post("https://app.example.com", "/signout", &parameters).await,
        ] {
            assert!(page.departure.is_none(), "{uri}: {}", page.summary());
            assert_eq!(page.status, 400, "{uri}: {}", page.summary());
        }
        assert!(is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn the_person_confirms_or_stays_signed_in() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go("/signout").await;
    let mut denied = page.form("decision").press("deny");
    denied.fields.retain(|(name, _)| name != "r");
    browser.send(denied).await;
    assert!(is_signed_in(&mut browser).await);
    let page = browser.send(page.form("decision").press("allow")).await;
    assert!(page.departure.is_none() && page.status == 200, "{}", page.summary());
    assert!(!is_signed_in(&mut browser).await);
    let page = browser.go("/signout").await;
    assert_eq!(page.status, 200, "signing out twice is no error: {}", page.summary());
}

#[tokio::test]
async fn a_sign_out_with_an_expired_session_ends_for_good_what_it_gave() {
    for is_signed_out in [false, true] {
        let test_app = TestApp::new().await;
        let mut browser = test_app.browser();
        let grant = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
        test_app.clock.advance(12 * 3600 + 1);
        if is_signed_out {
            let page = browser.go("/signout").await;
            assert!(page.text.contains("You are signed out"), "{}", page.summary());
        }
        let db = test_app.app.storage.connection();
        let session = browser_session::Entity::find_by_id(grant.session_id.expect("a session")).one(db).await;
        let session = session.expect("storage answers").expect("a row");
        let grant = grant::Entity::find_by_id(grant.id).one(db).await.expect("storage answers");
        let is_revoked = grant.expect("a row").revoked_at.is_some();
        assert_eq!((session.ended_at.is_some(), is_revoked), (is_signed_out, is_signed_out));
    }
}

#[tokio::test]
async fn without_a_hint_the_last_page_links_to_a_registered_address_and_never_redirects() {
    let test_app = TestApp::new().await;
    let back = ("post_logout_redirect_uri", POST_LOGOUT_REDIRECT_URI);
    let named = [back, ("client_id", "app"), ("state", "s")];
    let stranger = [("post_logout_redirect_uri", "https://evil.example/"), ("client_id", "app")];
    let expected = format!("{POST_LOGOUT_REDIRECT_URI}?state=s");
    for (parameters, expected) in [(&named[..], Some(expected)), (&[back], None), (&stranger, None)] {
        let mut browser = test_app.browser();
        sign_in(&mut browser, "grace").await;
        let page = browser.go(&signout(parameters)).await;
        let page = browser.send(page.form("decision").press("allow")).await;
        assert!(page.departure.is_none() && page.status == 200, "{}", page.summary());
        assert_eq!(page.attribute("a.button", "href"), expected);
        assert!(!is_signed_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_confirmation_works_without_the_browser_cookie() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    browser.cookies.forget("countersign_browser");
    let page = browser.go("/signout").await;
    browser.send(page.form("decision").press("allow")).await;
    assert!(!is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_confirmation_sent_from_another_site_is_refused() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let page = browser.go("/signout").await;
    let fields = page.form("decision").press("allow").fields;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = browser.arrive_by_post("https://evil.example", "/signout", &fields).await;
    assert_eq!(refused.status, 400);
    assert!(is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_pending_sign_in_of_another_tab_ends_with_a_sign_out() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(consent.url.path(), "/consent", "{}", consent.summary());
    sign_in(&mut browser, "grace").await;
    let page = browser.go("/signout").await;
    browser.send(page.form("decision").press("allow")).await;
    let page = browser.send(consent.form("decision").press("allow")).await;
    assert!(Answer::seek(&page).is_none() && page.status == 410, "{}", page.summary());
}

#[tokio::test]
async fn a_request_begun_before_a_sign_out_gives_no_code_after_it() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let consent = browser.go(&request("app", &[])).await;
    assert_eq!(consent.url.path(), "/consent", "{}", consent.summary());
    let mut other_tab = browser.clone();
    let page = browser.go("/signout").await;
    browser.send(page.form("decision").press("allow")).await;
    let page = other_tab.send(consent.form("decision").press("allow")).await;
    assert!(Answer::seek(&page).is_none(), "no code: {}", page.summary());
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
}
