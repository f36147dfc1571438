//! OpenID Connect Core §3.1.2.1: `id_token_hint` and `login_hint` select a person and prove nothing.

use crate::support::{
    seed::PASSWORD,
    sign_in::{Answer, give_password, grant_of, request, sign_in},
    test_app::{HOME, TestApp},
};
use ::entity::ids::{BrowserSessionId, PersonId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::{clock::Clock, directory::SigningAlgorithm};
use serde_json::json;

/// Signs an ID token with the server's key, issued `age` seconds ago.
pub async fn id_token(test_app: &TestApp, person: PersonId, client: &str, age: i64) -> String {
    id_token_in(test_app, person, client, age, None).await
}

/// Does the same, with a `sid`: the session in which the token was issued.
pub async fn id_token_in(
    test_app: &TestApp,
    person: PersonId,
    client: &str,
    age: i64,
    sid: Option<BrowserSessionId>,
) -> String {
    let now = test_app.clock.now().unix_seconds() - age;
    let mut claims =
        json!({"iss": HOME, "aud": client, "sub": person.to_string(), "iat": now, "exp": now + 300});
    if let Some(sid) = sid {
        claims["sid"] = sid.to_string().into();
    }
    let keys = test_app.app.directory.root().await.unwrap().keys().await.unwrap();
    keys.ring.current(SigningAlgorithm::RS256, test_app.clock.now()).unwrap().sign_jws(None, &claims).unwrap()
}

/// Returns the same claims with `alg: none` and without a signature.
pub fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#))
}

#[tokio::test]
async fn a_hint_of_the_signed_in_person_succeeds_silently_even_if_expired() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let first = grant_of(&test_app, &sign_in(&mut browser, "grace").await).await;
    for age in [0, 90 * 24 * 3600] {
        let hint = id_token(&test_app, test_app.seed.grace, "quiet_app", age).await;
        let silent = [("prompt", "none"), ("id_token_hint", hint.as_str())];
        let answer = Answer::of(&browser.go(&request("quiet_app", &silent)).await);
        let grant = grant_of(&test_app, &answer).await;
        assert_eq!((grant.person_id, grant.auth_time), (first.person_id, first.auth_time));
    }
}

#[tokio::test]
async fn a_hint_of_another_person_never_returns_the_signed_in_one() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let own = id_token(&test_app, test_app.seed.grace, "quiet_app", 0).await;
    let (head, signature) = own.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for (what, hint) in [
        ("another person", id_token(&test_app, test_app.seed.gus, "quiet_app", 0).await),
        ("another client", id_token(&test_app, test_app.seed.grace, "app", 0).await),
        ("alg none", unsigned(&own)),
        ("a changed signature", forged),
        ("no token", "hint".to_owned()),
    ] {
        let silent = [("prompt", "none"), ("id_token_hint", hint.as_str())];
        assert_eq!(
            Answer::of(&browser.go(&request("quiet_app", &silent)).await).error(),
            "login_required",
            "{what}"
        );
        let page = browser.go(&request("quiet_app", &[("id_token_hint", &hint)])).await;
        assert!(page.url.path().starts_with("/signin/"), "{what}: {}", page.summary());
    }
}

#[tokio::test]
async fn the_hinted_person_signs_in_and_another_person_is_refused() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await;
    let hint = id_token(&test_app, test_app.seed.gus, "quiet_app", 0).await;
    let hinted = request("quiet_app", &[("id_token_hint", &hint)]);
    let page = browser.go(&hinted).await;
    // Grace has a session: her name alone reveals that she is not the hinted person.
    let answer = Answer::of(&browser.send(page.form("username").fill("username", "grace").submit()).await);
    assert_eq!(answer.error(), "login_required");
    let page = browser.go(&hinted).await;
    let answer = Answer::of(&give_password(&mut browser, &page, "gus", PASSWORD).await);
    assert_eq!(grant_of(&test_app, &answer).await.person_id, test_app.seed.gus);
}

#[tokio::test]
async fn a_login_hint_fills_the_field_and_proves_nothing() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    for hint in ["grace", "nobody@example.com", "\"><script>alert(1)</script>"] {
        let page = browser.go(&request("quiet_app", &[("login_hint", hint)])).await;
        assert_eq!(page.form("username").value("username"), Some(hint));
        assert!(!page.text.contains("<script>alert"));
    }
    sign_in(&mut browser, "grace").await;
    let page = browser.go(&request("quiet_app", &[("login_hint", "gus"), ("prompt", "login")])).await;
    assert_eq!(page.form("password").value("username"), Some("grace"), "the signed-in person is asked");
}
