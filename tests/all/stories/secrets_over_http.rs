//! Secrets in requests, and those that the server makes, appear in no log line and no response to anyone
//! else.

use crate::support::{
    marked::{MARK, assert_secret_is_absent, assert_unmarked},
    process::Process,
    push_sign_in::{approve, enroll, go_on, send_request, to_second_factor},
    sign_in::give_password,
    test_database::TestDatabase,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{Method, Request};
use hyper::body::Bytes;
use serde_json::json;

/// A field that takes a secret, and the request that sends it.
struct Field {
    name: &'static str,
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn field(name: &'static str, method: &'static str, path: &str, body: impl Into<String>) -> Field {
    let body = body.into();
    let kind = if body.starts_with(['{', '[', '"']) {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let headers = if body.is_empty() { vec![] } else { vec![("content-type", kind.to_owned())] };
    Field { name, method, path: path.to_owned(), headers, body }
}

/// With a header.
fn with(field: Field, name: &'static str, value: String) -> Field {
    let headers = field.headers.into_iter().chain([(name, value)]).collect();
    Field { headers, ..field }
}

/// Every field that takes a secret, wrong in every way that has its own refusal.
fn fields(client_id: &str) -> Vec<Field> {
    let post = |grant: &str| format!("grant_type={grant}&client_id={client_id}&client_secret={MARK}");
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    let claim = "/device/v1/enrollments/claim";
    let transport = json!({"transport": {"kind": "webpush", "endpoint": format!("https://evil.example/{MARK}"),
        "p256dh": MARK, "auth": MARK, "vapid_kid": MARK}, "ctr": 1});
    vec![
        field("client_secret by post", "POST", "/token", post("authorization_code") + "&code=x"),
        field(
            "client_secret twice",
            "POST",
            "/token",
            post("refresh_token") + &format!("&client_secret={MARK}"),
        ),
        field("client_secret in the address", "POST", &format!("/token?client_secret={MARK}"), post("x")),
        with(
            field(
                "client_secret by basic",
                "POST",
                "/token",
                format!("grant_type=refresh_token&refresh_token={MARK}"),
            ),
            "authorization",
            basic(format!("{client_id}:{MARK}")),
        ),
        with(
            field("a broken basic", "POST", "/token", "grant_type=x"),
            "authorization",
            basic(MARK.to_owned()),
        ),
        with(
            field("another scheme", "POST", "/token", "grant_type=x"),
            "authorization",
            format!("Digest {MARK}"),
        ),
        field(
            "code",
            "POST",
            "/token",
            format!("grant_type=authorization_code&code={MARK}&client_id={client_id}"),
        ),
        field(
            "code_verifier",
            "POST",
            "/token",
            format!("grant_type=authorization_code&code=x&code_verifier={MARK}!&client_id={client_id}"),
        ),
        field("client_assertion", "POST", "/token", format!("grant_type=x&client_assertion={MARK}")),
        field("token to revoke", "POST", "/revoke", format!("token={MARK}&client_id={client_id}")),
        field("token to introspect", "POST", "/introspect", format!("token={MARK}&client_id={client_id}")),
        with(field("access token", "GET", "/userinfo", ""), "authorization", format!("Bearer {MARK}")),
        field(
            "access token in a form",
            "POST",
            "/userinfo",
            format!("access_token={MARK}&access_token={MARK}"),
        ),
        field("access token in the address", "GET", &format!("/userinfo?access_token={MARK}"), ""),
        field("id_token_hint", "GET", &format!("/authorize?client_id={client_id}&id_token_hint={MARK}"), ""),
        field("id_token_hint at sign-out", "GET", &format!("/signout?id_token_hint={MARK}"), ""),
        field("set-up token", "GET", &format!("/setup?token={MARK}"), ""),
        field("password of the set-up", "POST", &format!("/setup?token={MARK}"), format!("password={MARK}")),
        field(
            "password without a form",
            "POST",
            "/signin/password",
            format!("password={MARK}&password={MARK}"),
        ),
        field("code of a generator", "POST", "/signin/totp", format!("code={MARK}")),
        field("activation code", "POST", claim, json!({"code": MARK, "app": {"kind": "web"}}).to_string()),
        field("activation code as an object", "POST", claim, json!({"code": {"is": MARK}}).to_string()),
        field("activation code alone", "POST", claim, format!("\"{MARK}\"")),
        field("activation code that is no JSON", "POST", claim, format!("{{\"code\": {MARK}")),
        field("enrollment secret", "POST", claim, json!({"enrollment": MARK, "secret": [MARK]}).to_string()),
        field("answer", "POST", "/device/v1/challenges/ch_x/answer", json!({"jws": MARK}).to_string()),
        field("new key", "POST", "/device/v1/key", json!({"jws": {"a": MARK}}).to_string()),
        with(field("device proof", "GET", "/device/v1/self", ""), "device-proof", MARK.to_owned()),
        field("push endpoint without a proof", "PUT", "/device/v1/transport", transport.to_string()),
    ]
}

#[tokio::test]
async fn a_secret_in_a_field_is_neither_answered_nor_logged() {
    let database = TestDatabase::new().await;
    let mut node = Process::start_talkative(database.url()).await;
    let issuer = node.said("issuer").to_owned();
    for field in fields(node.said("client_id")) {
        let mut request = Request::builder().method(field.method).uri(format!("{issuer}{}", field.path));
        for (name, value) in &field.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Bytes::from(field.body.clone())).expect(field.name);
        let answer = node.http_client().send(request).await;
        let text = format!("{:?} {:?}", answer.headers(), String::from_utf8_lossy(answer.body()));
        // The page's URL contains the request in sealed form; the hint itself is not repeated.
        assert_unmarked(field.name, &text);
        assert!(!answer.status().is_server_error(), "{}: {} {text}", field.name, answer.status());
    }
    let mut browser = node.browser();
    let app = node.relying_party();
    let page = browser.go(&app.ask().await.address()).await;
    let page = give_password(&mut browser, &page, node.said("username"), MARK).await;
    assert!(page.url.path() == "/signin/password", "{}", page.summary());
    assert_unmarked("a wrong password on its page", &page.text);
    let log = node.stop();
    assert!(log.contains("countersign::access") && log.contains("refused: "), "the log is there: {log}");
    assert_unmarked("the log", &log);
}

#[tokio::test]
async fn secrets_that_pass_through_a_whole_sign_in_are_not_logged() {
    let database = TestDatabase::new().await;
    let mut node = Process::start_talkative(database.url()).await;
    let (app, mut browser, mut phone) = (node.relying_party(), node.browser(), node.phone());
    let (ask, page) = to_second_factor(&node, &mut browser, &app).await;
    let page = enroll(&mut browser, &page, &mut phone).await;
    let me = phone.ask(Method::GET, "/device/v1/self", None).await.expect("itself");
    let point = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let endpoint = |host: &str| {
        json!({"transport": {"kind": "webpush", "endpoint": format!("https://{host}/{MARK}"), "p256dh": point,
            "auth": "BTBZMqHH6r4Tts7J_aSIgg", "vapid_kid": me["vapid_kid"]}, "ctr": 1})
    };
    let refused = phone.ask(Method::PUT, "/device/v1/transport", Some(&endpoint("push.evil.example"))).await;
    assert_eq!(refused.expect_err("it is refused").code, "endpoint_refused");
    let page = send_request(&mut browser, &page).await;
    approve(&page, &mut phone).await;
    let page = go_on(&mut browser, &page).await;
    let code = app.receive(&ask, &page).expect("a code");
    let tokens = app.redeem(&ask, &code).await.expect("tokens");
    app.userinfo(&tokens).await.expect("claims");
    let fresh = app.refresh(&tokens).await.expect("new tokens");
    app.introspect(&fresh.access_token).await.expect("an answer");

    let log = node.stop();
    assert!(
        log.contains("push.hosts") && log.contains("push.evil.example"),
        "the host and its setting: {log}"
    );
    assert_unmarked("a push endpoint", &log);
    let refresh = |tokens: &crate::support::relying_party::Tokens| tokens.refresh_token.clone().expect("one");
    for (what, secret) in [
        ("the client's secret", node.said("client_secret").to_owned()),
        ("the password", node.said("password").to_owned()),
        ("the code", code),
        ("the access token", tokens.access_token.clone()),
        ("the refresh token", refresh(&tokens)),
        ("the next refresh token", refresh(&fresh)),
        ("the ID token", tokens.id_token.clone()),
    ] {
        assert_secret_is_absent(what, &secret, &log);
    }
}
