//! Sessions, cookies and CSRF: requests are bound to the browser that made them (RFC 6265bis; ASVS 7.2, 7.3,
//! 7.4).

use crate::support::{
    browser::Browser,
    seed::PASSWORD,
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::{HOME, TestApp},
};
use countersign::limits::lifetimes::{SESSION_ABSOLUTE_SECONDS, SESSION_IDLE_SECONDS};
use http::{Request, StatusCode};
use hyper::body::Bytes;

async fn is_signed_in(browser: &mut Browser) -> bool {
    Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).error().is_empty()
}

#[tokio::test]
async fn each_authentication_gives_a_new_cookie_and_the_old_one_is_good_for_nothing() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    let mut thief = browser.clone();
    assert!(is_signed_in(&mut thief).await, "the cookie is all there is");
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let again = Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await);
    assert_eq!(grant_of(&test_app, &again).await.session_id, first.session_id, "the same session goes on");
    assert!(is_signed_in(&mut browser).await);
    assert!(!is_signed_in(&mut thief).await);
}

#[tokio::test]
async fn a_sign_in_begun_before_the_session_raises_it_all_the_same() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let open = browser.go(&request("app", &[("state", "waiting")])).await;
    let open = browser.send(open.form("username").fill("username", "grace").submit()).await;
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    let mut thief = browser.clone();
    let page = give_password(&mut browser, &open, "grace", PASSWORD).await;
    let second = Answer::of(&browser.send(page.form("decision").press("allow")).await);
    assert_eq!(second.state(), Some("waiting"), "two tabs never mix");
    assert_eq!(grant_of(&test_app, &second).await.session_id, first.session_id);
    assert!(!is_signed_in(&mut thief).await);
}

#[tokio::test]
async fn another_person_in_the_same_browser_ends_the_first_ones_session() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let open = browser.go(&request("quiet_app", &[])).await;
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    let mut thief = browser.clone();
    let page = browser.send(open.form("username").fill("username", "gus").submit()).await;
    // The page names no person. Grace has signed in since it was loaded, and her session satisfies the
    // request.
    assert_eq!(grant_of(&test_app, &Answer::of(&page).clone()).await.person_id, first.person_id);
    let page = browser.go(&request("quiet_app", &[("prompt", "select_account")])).await;
    let page = browser.send(page.form("username").fill("username", "gus").submit()).await;
    let grant =
        grant_of(&test_app, &Answer::of(&give_password(&mut browser, &page, "gus", PASSWORD).await)).await;
    assert_eq!(grant.person_id, test_app.seed.gus);
    assert_ne!(grant.session_id, first.session_id);
    assert!(!is_signed_in(&mut thief).await);
}

#[tokio::test]
async fn a_sign_in_that_leans_on_a_session_needs_its_cookie_and_remembers_no_consent_without() {
    let test_app = TestApp::new().await;
    for keeps_cookie in [false, true] {
        let mut browser = test_app.browser();
        sign_in(&mut browser, "gus").await;
        // The form starts a stored sign-in, so that later steps do not read the cookie.
        let page = browser.go(&request("app", &[("prompt", "select_account")])).await;
        let consent = browser.send(page.form("username").fill("username", "gus").submit()).await;
        assert_eq!(consent.url.path(), "/consent", "{} {:?}", consent.summary(), consent.departure);
        if !keeps_cookie {
            browser.cookies.forget("countersign_session");
        }
        let page = browser.send(consent.form("decision").press("allow")).await;
        assert_eq!(Answer::seek(&page).is_some(), keeps_cookie, "{}", page.summary());
    }
}

#[tokio::test]
async fn cookies_have_the_required_attributes() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let answer = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let set: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(set.len(), 1, "{set:?}");
    assert!(set[0].starts_with("countersign_session="), "{set:?}");
    assert!(set[0].ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{set:?}");
}

#[tokio::test]
async fn an_idle_session_ends_and_activity_keeps_it_until_the_absolute_end() {
    let test_app = TestApp::new().await;
    let mut idle = test_app.browser();
    sign_in(&mut idle, "grace").await;
    let mut active = test_app.browser();
    sign_in(&mut active, "gus").await;
    let steps = SESSION_ABSOLUTE_SECONDS / (SESSION_IDLE_SECONDS - 1);
    for _ in 0..steps {
        test_app.clock.advance(SESSION_IDLE_SECONDS - 1);
        assert!(is_signed_in(&mut active).await);
    }
    assert!(!is_signed_in(&mut idle).await);
    test_app.clock.advance(SESSION_ABSOLUTE_SECONDS - steps * (SESSION_IDLE_SECONDS - 1));
    assert!(!is_signed_in(&mut active).await, "the absolute end is not put off");
}

#[tokio::test]
async fn a_handle_of_another_browser_opens_nothing() {
    let test_app = TestApp::new().await;
    let (mut attacker, mut victim) = (test_app.browser(), test_app.browser());
    sign_in(&mut victim, "gus").await;
    let sealed = attacker.go(&request("app", &[])).await;
    let stored = attacker.send(sealed.form("username").fill("username", "grace").submit()).await;
    for page in [&sealed, &stored] {
        let seen = victim.arrive("https://evil.example", page.url.as_str()).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{}", seen.summary());
        assert!(seen.forms().is_empty() && seen.departure.is_none());
        let form = page.forms().remove(0);
        let sent = victim.send(form.forge("password", PASSWORD).submit()).await;
        assert_eq!(sent.status, StatusCode::BAD_REQUEST, "{}", sent.summary());
    }
    let consent = give_password(&mut attacker, &stored, "grace", PASSWORD).await;
    assert_eq!(consent.url.path(), "/consent", "its own browser goes on: {}", consent.summary());
}

#[tokio::test]
async fn a_forged_sign_in_form_is_refused() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let own = page.form("username").fill("username", "grace").forge("password", PASSWORD);
    let fields = own.clone().submit().fields;
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let cross_site = browser.arrive_by_post("https://evil.example", "/signin/identifier", &fields).await;
    assert_eq!(cross_site.status, StatusCode::BAD_REQUEST);
    for csrf in ["", "AAAA", "not base64!"] {
        let refused = browser.send(own.clone().forge("csrf", csrf).submit()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.summary());
    }
    let mut twice = own.clone().submit();
    twice.fields.push(("username".to_owned(), "gus".to_owned()));
    assert_eq!(browser.send(twice).await.status, StatusCode::BAD_REQUEST);
    Answer::of(&browser.send(own.submit()).await).code();
}

#[tokio::test]
async fn a_form_of_another_content_type_is_refused_with_the_expected_one() {
    let test_app = TestApp::new().await;
    let http_client = test_app.http_client_from("192.0.2.1");
    let send = async |path: &str, content_type: &str| {
        let request = Request::post(format!("{HOME}{path}")).header("content-type", content_type);
        let answer = http_client.send(request.body(Bytes::from_static(b"a=b")).unwrap()).await;
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    };
    for path in ["/authorize", "/signin/identifier", "/signin/password", "/consent", "/signout"] {
        for other in ["text/plain", "application/json", "multipart/form-data; boundary=x"] {
            let (status, page) = send(path, other).await;
            assert_eq!(status, 415, "{path} {other}");
            assert!(page.contains(other) && page.contains("application/x-www-form-urlencoded"), "{page}");
        }
        assert_ne!(send(path, "application/x-www-form-urlencoded; charset=utf-8").await.0, 415, "{path}");
    }
}

#[tokio::test]
async fn a_finished_or_expired_sign_in_gives_no_second_answer() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let allow = consent.form("decision").press("allow");
    Answer::of(&browser.send(allow.clone()).await).code();
    assert_eq!(browser.send(allow).await.status, StatusCode::GONE);
    assert_eq!(browser.go(consent.url.as_str()).await.status, StatusCode::GONE);

    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    test_app.clock.advance(15 * 60);
    let late = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_eq!(late.status, StatusCode::GONE, "{}", late.summary());
    let begun =
        browser.go(late.link("Back to Harbor quiet_app").expect("a way to begin again").as_str()).await;
    assert_eq!(begun.url.path(), "/signin/password", "prompt=login is not forgotten: {}", begun.summary());
    Answer::of(&give_password(&mut browser, &begun, "grace", PASSWORD).await).code();
}

#[tokio::test]
async fn two_clicks_on_one_button_give_one_code() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let allow = consent.form("decision").press("allow");
    let tabs: Vec<_> = (0..8)
        .map(|_| {
            let (mut tab, allow) = (browser.clone(), allow.clone());
            tokio::spawn(async move { Answer::seek(&tab.send(allow).await).is_some() })
        })
        .collect();
    let mut codes = 0;
    for tab in tabs {
        codes += usize::from(tab.await.unwrap());
    }
    assert_eq!(codes, 1);
}

#[tokio::test]
async fn an_offline_grant_outlives_the_session_and_other_grants_end_with_it() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let session = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await.session_id;
    let (app, lasting_app) = (test_app.relying_party("app"), test_app.relying_party("quiet_app"));
    let ask = app.ask().await.with("scope", "openid");
    let page = browser.go(&ask.address()).await;
    let page = if page.departure.is_some() {
        page
    } else {
        browser.send(page.form("decision").press("allow")).await
    };
    let bound = app.redeem(&ask, &app.receive(&ask, &page).expect("a code")).await.expect("tokens");
    let ask = lasting_app.ask().await.with("scope", "openid offline_access");
    let page = browser.go(&ask.address()).await;
    let code = lasting_app.receive(&ask, &page).expect("a code");
    let lasting = lasting_app.redeem(&ask, &code).await.expect("tokens");
    let sid = session.expect("a session").to_string();
    assert_eq!((&bound.claims["sid"], &lasting.claims["sid"]), (&sid.clone().into(), &sid.clone().into()));
    assert_eq!(app.refresh(&bound).await.expect("it goes on").claims["sid"], sid.as_str());

    let page = browser.go("http://localhost:8080/signout").await;
    browser.send(page.form("decision").press("allow")).await;
    assert_eq!(app.userinfo(&bound).await.expect_err("it ended").error, "invalid_token");
    let fresh = lasting_app.refresh(&lasting).await.expect("it goes on");
    assert_eq!(fresh.claims["sid"], sid.as_str());
}

#[tokio::test]
async fn a_consent_counts_only_for_the_person_who_was_asked() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let asked = browser.go(&request("app", &[])).await;
    assert_eq!(asked.url.path(), "/consent", "{}", asked.summary());
    assert!(asked.text.contains("grace"), "{}", asked.text);
    let page = browser.go(&request("quiet_app", &[("prompt", "login")])).await;
    let page = browser.go(&page.url.as_str().replace("/password", "/identifier")).await;
    let page = give_password(&mut browser, &page, "gus", PASSWORD).await;
    Answer::of(&page).code();

    let page = browser.send(asked.form("decision").press("allow")).await;
    assert_eq!(page.url.path(), "/consent", "Gus was not asked: {}", page.summary());
    assert!(page.text.contains("gus"), "{}", page.text);
    let answer = Answer::of(&browser.send(page.form("decision").press("allow")).await);
    assert_eq!(grant_of(&test_app, &answer).await.person_id, test_app.seed.gus);
}
