//! RFC 6749 §3.1 and §4.1: responses and errors of the authorization endpoint, and their destinations.

use crate::support::{
    page::Page,
    seed::{OTHER_REDIRECT_URI, PASSWORD, REDIRECT_URI},
    sign_in::{Answer, give_password, request, sign_in},
    test_app::{HOME, TestApp},
};
use ::entity::journey;
use countersign::{
    clock::Clock,
    storage::{Executor, clients, people},
};
use http::StatusCode;
use sea_orm::{EntityTrait, PaginatorTrait};

/// Fails unless the page is an error page without a redirect and without unescaped input.
fn assert_stays(page: &Page, what: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}: {}", page.summary());
    assert!(page.departure.is_none() && page.header("location").is_empty(), "{what}: {}", page.summary());
    assert!(!page.text.contains("st-._~"), "{what}: the state is not repeated");
    assert!(!page.text.contains("<script>alert"), "{what}: nothing is repeated raw");
}

#[tokio::test]
async fn a_good_request_leads_to_a_code_with_the_state_as_it_was_sent() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    for redirect_uri in [REDIRECT_URI, OTHER_REDIRECT_URI] {
        let page = browser.go(&request("quiet_app", &[("redirect_uri", redirect_uri)])).await;
        let answer = match Answer::seek(&page) {
            Some(answer) => answer,
            None => Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await),
        };
        assert!(answer.address.as_str().starts_with(redirect_uri), "{}", answer.address);
        assert_eq!(answer.state(), Some("st-._~"));
        assert!(answer.code().len() >= 43);
        assert_eq!(answer.address.fragment(), Some(""), "an incoming fragment is not carried on");
    }
}

#[tokio::test]
async fn the_code_of_a_sign_in_ends_after_sixty_seconds() {
    let test_app = TestApp::new().await;
    let (app, mut browser) = (test_app.relying_party("quiet_app"), test_app.browser());
    sign_in(&mut browser, "grace").await;
    for (seconds, is_in_time) in [(59, true), (60, false)] {
        let ask = app.ask().await;
        let code = app.receive(&ask, &browser.go(&ask.address()).await).expect("a code");
        test_app.clock.advance(seconds);
        assert_eq!(app.redeem(&ask, &code).await.is_ok(), is_in_time, "{seconds}");
    }
}

#[tokio::test]
async fn a_request_is_redirected_only_to_a_known_client_and_redirect_uri() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let evil = "https://evil.example/cb";
    let cases: [(&str, &[(&str, &str)]); 12] = [
        ("unknown client", &[("client_id", "nobody"), ("redirect_uri", evil)]),
        ("markup as client", &[("client_id", "<script>alert(1)</script>")]),
        ("no client", &[("client_id", "")]),
        ("no address", &[("redirect_uri", "")]),
        ("another address", &[("redirect_uri", evil)]),
        ("markup as address", &[("redirect_uri", "https://app.example.com/<script>alert(1)</script>")]),
        ("a longer path", &[("redirect_uri", "https://app.example.com/cb/x")]),
        ("a query added", &[("redirect_uri", "https://app.example.com/cb?x=1")]),
        ("a query changed", &[("redirect_uri", "https://app.example.com/other?kept=2")]),
        ("another scheme", &[("redirect_uri", "http://app.example.com/cb")]),
        ("another case", &[("redirect_uri", "https://APP.example.com/cb")]),
        ("a fragment", &[("redirect_uri", "https://app.example.com/cb#x")]),
    ];
    // The second and the third request would be answered at once, by a redirect with an error.
    for (what, parameters) in cases {
        for answered_by_redirect in [None, Some(("prompt", "none")), Some(("response_type", "token"))] {
            let parameters: Vec<_> = parameters.iter().copied().chain(answered_by_redirect).collect();
            assert_stays(&browser.go(&request("app", &parameters)).await, what);
        }
    }
    let twice = format!("{}&client_id=app", request("app", &[]));
    assert_stays(&browser.go(&twice).await, "client_id twice");
    let twice = format!("{}&redirect_uri={REDIRECT_URI}", request("app", &[]));
    assert_stays(&browser.go(&twice).await, "redirect_uri twice");
    let unreadable = format!("{}&x=%ff", request("app", &[]));
    assert_stays(&browser.go(&unreadable).await, "not UTF-8");
}

#[tokio::test]
async fn an_error_travels_once_client_and_address_are_known() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let cases: [(&str, &[(&str, &str)]); 20] = [
        ("app", &[("response_type", "")]),
        ("app", &[("response_type", "token")]),
        ("app", &[("response_type", "id_token"), ("response_mode", "form_post")]),
        ("app", &[("response_mode", "fragment")]),
        ("app", &[("scope", "")]),
        ("app", &[("scope", "profile\topenid")]),
        ("app", &[("scope", "openid \"x")]),
        ("app", &[("prompt", "none login")]),
        ("app", &[("prompt", "create")]),
        ("app", &[("max_age", "-1")]),
        ("app", &[("max_age", "abc")]),
        ("app", &[("max_age", "99999999999")]),
        ("app", &[("claims", "{")]),
        ("app", &[("request", "eyJ.e.s")]),
        ("app", &[("request_uri", "https://app.example.com/r")]),
        ("app", &[("nonce", "a\0b")]),
        ("public_app", &[]),
        ("app", &[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")]),
        ("app", &[("code_challenge", CHALLENGE)]),
        ("app", &[("code_challenge", "short"), ("code_challenge_method", "S256")]),
    ];
    let mut answers = Vec::new();
    for (client, parameters) in cases {
        let answer = Answer::of(&browser.go(&request(client, parameters)).await);
        assert_eq!(answer.state(), Some("st-._~"), "{parameters:?}");
        answers.push(format!("{client} {parameters:?}\n  {}: {}", answer.error(), answer.description()));
    }
    let twice = Answer::of(&browser.go(&format!("{}&scope=openid", request("app", &[]))).await);
    answers.push(format!("scope twice\n  {}: {}", twice.error(), twice.description()));
    insta::assert_snapshot!(answers.join("\n"), @r#"
    app [("response_type", "")]
      invalid_request: the parameter response_type is missing
    app [("response_type", "token")]
      unsupported_response_type: response_type was received as 'token'; expected code
    app [("response_type", "id_token"), ("response_mode", "form_post")]
      unsupported_response_type: response_type was received as 'id_token'; expected code
    app [("response_mode", "fragment")]
      invalid_request: response_mode was received as 'fragment'; expected query or form_post, or fragment from a public client
    app [("scope", "")]
      invalid_scope: the parameter scope is missing; request at least openid
    app [("scope", "profile\topenid")]
      invalid_scope: scope cannot be used; expected at most 64 names of printable ASCII separated by spaces
    app [("scope", "openid \"x")]
      invalid_scope: scope cannot be used; expected at most 64 names of printable ASCII separated by spaces
    app [("prompt", "none login")]
      invalid_request: prompt combines none with another value; send none alone
    app [("prompt", "create")]
      invalid_request: prompt was received as 'create'; expected none, login, consent or select_account
    app [("max_age", "-1")]
      invalid_request: max_age was received as '-1'; expected a number of seconds from 0 to 4294967295
    app [("max_age", "abc")]
      invalid_request: max_age was received as 'abc'; expected a number of seconds from 0 to 4294967295
    app [("max_age", "99999999999")]
      invalid_request: max_age was received as '99999999999'; expected a number of seconds from 0 to 4294967295
    app [("claims", "{")]
      invalid_request: the parameter claims cannot be used: expected JSON
    app [("request", "eyJ.e.s")]
      request_not_supported: the parameter request is not supported; send the parameters themselves
    app [("request_uri", "https://app.example.com/r")]
      request_uri_not_supported: the parameter request_uri is not supported; send the parameters themselves
    app [("nonce", "a\0b")]
      invalid_request: the parameter nonce cannot be used; expected at most 2048 bytes without control characters
    public_app []
      invalid_request: this client must send code_challenge with code_challenge_method S256
    app [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), ("code_challenge_method", "plain")]
      invalid_request: code_challenge_method was received as 'plain'; expected S256
    app [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
      invalid_request: code_challenge_method is missing, which means plain; send S256
    app [("code_challenge", "short"), ("code_challenge_method", "S256")]
      invalid_request: code_challenge cannot be used; expected the 43 base64url characters of a SHA-256 hash
    scope twice
      invalid_request: the parameter scope was sent more than once; send it once
    "#);
}

#[tokio::test]
async fn unknown_parameters_and_values_are_ignored() {
    let test_app = TestApp::new().await;
    for parameters in [
        &[("unknown", "1")] as &[(&str, &str)],
        &[("display", "popup"), ("ui_locales", "se de"), ("claims_locales", "se")],
        &[("acr_values", "urn:mace:gold"), ("scope", "openid unknown_scope")],
        &[("prompt", ""), ("nonce", "")],
        &[("state", "")],
    ] {
        let page = test_app.browser().go(&request("app", parameters)).await;
        assert_eq!(page.url.path(), "/signin/identifier", "{parameters:?}: {}", page.summary());
    }
}

#[tokio::test]
async fn a_post_from_the_applications_site_finds_the_session_and_a_stranger_the_first_page() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let fields = [
        ("client_id", "quiet_app"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "posted"),
    ];
    let site = "https://app.example.com";
    let page = browser.arrive_by_post(site, "/authorize", &fields).await;
    assert_eq!(page.url.path(), "/signin/identifier", "{}", page.summary());
    sign_in(&mut browser, "grace").await;
    let answer = Answer::of(&browser.arrive_by_post(site, "/authorize", &fields).await);
    assert_eq!((answer.error(), answer.state()), ("", Some("posted")));
    let page = browser.arrive_by_post(site, "/authorize", &[("client_id", "nobody")]).await;
    assert_stays(&page, "an unknown client by POST");
}

#[tokio::test]
async fn a_state_of_two_kibibytes_is_returned_and_a_longer_one_is_refused_without_it() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let (long, emoji) = ("x".repeat(2048), "\u{1F600}</script>".repeat(100));
    for state in [long.as_str(), &emoji, "a&b=c d+%2B\"'"] {
        let answer = Answer::of(&browser.go(&request("quiet_app", &[("state", state)])).await);
        assert_eq!(answer.state(), Some(state));
        answer.code();
    }
    for state in ["x".repeat(2049), "a\0b".to_owned(), "a\r\nSet-Cookie: x=1".to_owned()] {
        let answer = Answer::of(&browser.go(&request("quiet_app", &[("state", &state)])).await);
        assert_eq!((answer.error(), answer.state()), ("invalid_request", None));
        assert!(answer.description().contains("state"), "{}", answer.description());
    }
}

#[tokio::test]
async fn a_request_that_no_address_can_carry_is_answered_with_the_first_page() {
    let test_app = TestApp::new().await;
    let (state, nonce) = ("s".repeat(2048), "n".repeat(1000));
    let long = [("state", state.as_str()), ("nonce", nonce.as_str())];
    let stored = async || journey::Entity::find().count(test_app.app.storage.connection()).await.unwrap();
    let mut browser = test_app.browser();
    for _ in 0..2 {
        let page = browser.go(&request("quiet_app", &long)).await;
        assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/authorize"), "{}", page.summary());
        assert_eq!(stored().await, 0, "a GET writes nothing");
        assert!(page.form("username").value("r").is_some_and(|r| r.len() > 2048));
    }
    let page = browser.go(&request("quiet_app", &long)).await;
    let again = page.form("username").fill("username", "grace").submit();
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    assert!(page.url.as_str().len() < 200, "an address names the stored sign-in: {}", page.url);
    let answer = Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await);
    assert_eq!((answer.error(), answer.state()), ("", Some(state.as_str())));
    let back = browser.send(again).await;
    let answer = Answer::of(&browser.send(back.form("r").submit()).await);
    assert_eq!(answer.state(), Some(state.as_str()), "Back and Next lead to the application once more");
}

#[tokio::test]
async fn a_long_request_by_post_is_posted_once_more_by_a_page_of_this_server() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let nonce = "n".repeat(2048);
    let fields = [
        ("client_id", "quiet_app"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("nonce", nonce.as_str()),
    ];
    let page = browser.arrive_by_post("https://app.example.com", "/authorize", &fields).await;
    assert_eq!((page.status, page.url.path()), (StatusCode::OK, "/authorize"), "{}", page.summary());
    let form = page.form("r").submit();
    let r = form.fields.iter().find(|(name, _)| name == "r").unwrap().1.clone();
    Answer::of(&browser.send(form).await).code();
    let token = browser.cookies.value("countersign_browser").map(str::to_owned);
    let page = browser.arrive_by_post("https://evil.example", "/authorize", &[("r", &r)]).await;
    assert!(page.departure.is_none() && page.form("r").has("r"), "{}", page.summary());
    assert_eq!(
        browser.cookies.value("countersign_browser").map(str::to_owned),
        token,
        "no cookie is replaced"
    );
    let mut stranger = test_app.browser();
    let page = stranger.arrive_by_post("https://app.example.com", "/authorize", &fields).await;
    let page = stranger.send(page.form("r").submit()).await;
    assert!(page.form("username").has("r"), "{}", page.summary());
    Answer::of(&give_password(&mut stranger, &page, "grace", PASSWORD).await).code();
}

#[tokio::test]
async fn a_long_request_offers_the_same_ways_on_by_forms() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let nonce = "n".repeat(2048);
    let page = browser.go(&request("quiet_app", &[("prompt", "login"), ("nonce", &nonce)])).await;
    assert!(page.form("password").has("r") && page.link("Not you?").is_none(), "{}", page.summary());
    let page = browser.send(page.form("show").press("identifier")).await;
    assert!(page.form("username").has("r"), "{}", page.summary());
    assert_eq!(page.url.query(), None);
    Answer::of(&give_password(&mut browser, &page, "gus", PASSWORD).await).code();
    let page = browser.go(&request("app", &[("nonce", &nonce)])).await;
    assert!(page.form("decision").has("r"), "consent: {}", page.summary());
    Answer::of(&browser.send(page.form("decision").press("allow")).await).code();
}

#[tokio::test]
async fn the_longest_request_is_carried() {
    let test_app = TestApp::new().await;
    let (state, nonce) = ("\"".repeat(2048), "\"".repeat(2048));
    let claims = format!(r#"{{"userinfo":{{"{}":null}}}}"#, "\\\"".repeat(1900));
    let hint = "h".repeat(8192);
    let values = "\"".repeat(500);
    let fields = [
        ("client_id", "app"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", state.as_str()),
        ("nonce", nonce.as_str()),
        ("claims", claims.as_str()),
        ("id_token_hint", hint.as_str()),
        ("login_hint", values.as_str()),
    ];
    let mut browser = test_app.browser();
    let page = browser.arrive_by_post("https://app.example.com", "/authorize", &fields).await;
    let page = browser.send(page.form("r").submit()).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let answer = Answer::of(&browser.send(page.form("decision").press("allow")).await);
    assert_eq!((answer.error(), answer.state()), ("", Some(state.as_str())));
}

#[tokio::test]
async fn a_prefetch_issues_no_code_and_ends_no_session() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let cookies = ["countersign_browser", "countersign_session"]
        .map(|name| format!("{name}={}", browser.cookies.value(name).unwrap()))
        .join("; ");
    let http_client = test_app.http_client_from("192.0.2.1");
    for (method, header, status) in [
        ("HEAD", ("accept", "*/*"), StatusCode::NO_CONTENT),
        ("GET", ("sec-purpose", "prefetch;prerender"), StatusCode::SERVICE_UNAVAILABLE),
        ("GET", ("purpose", "prefetch"), StatusCode::SERVICE_UNAVAILABLE),
    ] {
        for address in [request("quiet_app", &[]), format!("{HOME}/signout")] {
            let ahead = http::Request::builder().method(method).uri(&address).header("cookie", &cookies);
            let answer =
                http_client.send(ahead.header(header.0, header.1).body(Default::default()).unwrap()).await;
            assert_eq!(answer.status(), status, "{method} {address}");
            assert!(
                answer.headers().get("location").is_none() && answer.headers().get("set-cookie").is_none()
            );
        }
    }
    Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).code();
}

#[tokio::test]
async fn a_client_disabled_during_a_sign_in_gets_no_code() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    set_client_disabled(&test_app, true).await;
    let refused = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert_stays(&refused, "a disabled client");
    set_client_disabled(&test_app, false).await;
    Answer::of(&give_password(&mut browser, &page, "grace", PASSWORD).await).code();
}

async fn set_client_disabled(test_app: &TestApp, is_disabled: bool) {
    let tx = test_app.app.storage.begin().await.unwrap();
    let since = is_disabled.then(|| test_app.clock.now());
    clients::save_disabled(&tx, test_app.seed.quiet_app, since).await.unwrap();
    tx.commit().await.unwrap();
    test_app.app.directory.forget();
}

#[tokio::test]
async fn a_redirect_uri_removed_during_a_sign_in_gets_no_code() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let tx = test_app.app.storage.begin().await.unwrap();
    let client = clients::get(&tx, test_app.seed.quiet_app).await.unwrap();
    let mut settings = client.settings;
    settings.redirect_uris.retain(|uri| uri != REDIRECT_URI);
    clients::save_settings(&tx, client.key, &settings).await.unwrap();
    tx.commit().await.unwrap();
    test_app.app.directory.forget();
    let refused = browser.send(page.form("username").fill("username", "grace").submit()).await;
    assert_stays(&refused, "a withdrawn address");
}

#[tokio::test]
async fn a_person_disabled_during_a_sign_in_gets_no_code_and_no_session() {
    let test_app = TestApp::new().await;
    for is_disabled in [false, true] {
        let mut browser = test_app.browser();
        let page = browser.go(&request("app", &[])).await;
        let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
        assert_eq!(consent.url.path(), "/consent", "{}", consent.summary());
        let tx = test_app.app.storage.begin().await.unwrap();
        let since = is_disabled.then(|| test_app.clock.now());
        people::save_disabled(&tx, test_app.seed.grace, since).await.unwrap();
        tx.commit().await.unwrap();
        let page = browser.send(consent.form("decision").press("allow")).await;
        let answer = Answer::of(&page);
        assert_eq!(answer.error(), if is_disabled { "access_denied" } else { "" });
        assert_eq!(browser.cookies.value("countersign_session").is_some(), !is_disabled);
        let again = browser.send(consent.form("decision").press("allow")).await;
        assert_eq!(again.status, StatusCode::GONE, "one answer for one sign-in: {}", again.summary());
        forget_consent(&test_app).await;
    }
}

/// Forgets the consent, so that the next request asks for it again.
async fn forget_consent(test_app: &TestApp) {
    let tx = test_app.app.storage.begin().await.unwrap();
    let (client, person) = (test_app.seed.app, test_app.seed.grace);
    countersign::storage::consents::save(&tx, client, person, "", test_app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}
