//! Client authentication (RFC 6749 §2.3), the same at every endpoint.

use super::super::support::{
    seed::SECRET,
    snapshot,
    token_fixture::{TokenFixture, basic},
};
use ::entity::audit_event;
use countersign::storage::Executor;
use http::Response;
use hyper::body::Bytes;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use std::collections::BTreeSet;

const FORM: &str = "application/x-www-form-urlencoded";

/// A request that passes or fails client authentication: later checks answer another error.
const REQUEST: &str = "grant_type=refresh_token&refresh_token=x&token=x";

fn code(response: &Response<Bytes>) -> (u16, String) {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
}

/// Whether the request passed client authentication.
fn is_in(response: &Response<Bytes>) -> bool {
    let (status, error) = code(response);
    status == 200 || (status == 400 && error == "invalid_grant")
}

#[tokio::test]
async fn basic_and_post_are_chosen_for_each_request_and_a_public_client_says_its_name() {
    let fixture = TokenFixture::new().await;
    for path in ["/token", "/introspect", "/revoke"] {
        assert!(is_in(&fixture.post(path, &basic("shop", SECRET), REQUEST).await), "{path}");
        let encoded = basic("sh%6Fp", "s3cret%5Fof-a-relying-party_0123456789abcdefgh");
        assert!(is_in(&fixture.post(path, &encoded, REQUEST).await), "{path}");
        let form = format!("{REQUEST}&client_id=shop&client_secret={SECRET}");
        assert!(is_in(&fixture.post(path, "", &form).await), "{path}");
    }
    for path in ["/token", "/revoke"] {
        assert!(is_in(&fixture.post(path, "", &format!("{REQUEST}&client_id=public")).await), "{path}");
        let empty = fixture.post(path, &basic("public", ""), REQUEST).await;
        assert!(is_in(&empty), "{path}: an empty secret is none in the header as in the form");
        assert_eq!(fixture.post(path, &basic("public", "x"), REQUEST).await.status(), 401, "{path}");
    }
}

#[tokio::test]
async fn a_client_that_did_not_prove_itself_is_refused_at_every_endpoint() {
    let fixture = TokenFixture::new().await;
    fixture.disable_client(&fixture.second).await;
    let encoded = |text: &str| basic("shop", text).replace("Basic ", "");
    let cases = [
        ("", ""),
        ("", "&client_id=shop"),
        ("", "&client_id=shop&client_secret="),
        ("", "&client_id=shop&client_secret=wrong"),
        ("", "&client_id=public&client_secret=x"),
        ("", "&client_id=nobody"),
        ("", "&client_id=%00"),
        ("", "&client_assertion=x&client_assertion_type=y"),
        (&basic("shop", "wrong"), ""),
        (&basic("shop", ""), ""),
        (&basic("nobody", SECRET), ""),
        (&basic("%00", SECRET), ""),
        (&basic("second", SECRET), ""),
        (&format!("Basic {}=", encoded(SECRET)), ""),
        (&format!("Basic {} x", encoded(SECRET)), ""),
        ("Basic", ""),
        ("Basic c2hvcA==", ""),
        (&format!("Bearer {}", encoded(SECRET)), ""),
        (&basic(&"a".repeat(8000), SECRET), ""),
    ];
    for path in ["/token", "/introspect", "/revoke"] {
        for (authorization, form) in &cases {
            let response = fixture.post(path, authorization, &format!("{REQUEST}{form}")).await;
            assert_eq!(code(&response), (401, "invalid_client".to_owned()), "{path} {authorization} {form}");
            let challenge = response.headers().get("www-authenticate");
            assert_eq!(challenge.is_some(), !authorization.is_empty(), "{path} {authorization} {form}");
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
        fixture.clock.advance(60);
    }
}

#[tokio::test]
async fn a_refused_client_is_told_the_reason_and_challenged_if_it_used_the_header() {
    let fixture = TokenFixture::new().await;
    let refuse = async |authorization: &str, form: &str| {
        snapshot::response(&fixture.post("/token", authorization, &format!("{REQUEST}{form}")).await)
    };
    insta::assert_snapshot!(refuse(&basic("shop", "wrong"), "").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Basic realm="http://localhost:8080", charset="UTF-8"
    {
      "error": "invalid_client",
      "error_description": "the client is unknown, or it did not authenticate as registered; send its secret by client_secret_basic or client_secret_post, or client_id alone if it has none"
    }
    "#);
    insta::assert_snapshot!(refuse("", "&client_id=shop&client_secret=wrong").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_client",
      "error_description": "the client is unknown, or it did not authenticate as registered; send its secret by client_secret_basic or client_secret_post, or client_id alone if it has none"
    }
    "#);
    insta::assert_snapshot!(refuse("", "").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_client",
      "error_description": "the request names no client; authenticate by client_secret_basic or client_secret_post, or send client_id"
    }
    "#);
    insta::assert_snapshot!(refuse("Basic", "").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Basic realm="http://localhost:8080", charset="UTF-8"
    {
      "error": "invalid_client",
      "error_description": "the Authorization header cannot be read; expected Basic and base64 of client_id:client_secret"
    }
    "#);
    insta::assert_snapshot!(refuse("", "&client_assertion=x&client_assertion_type=y").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_client",
      "error_description": "client_assertion is not supported; use client_secret_basic or client_secret_post"
    }
    "#);
    insta::assert_snapshot!(refuse(&basic("shop", SECRET), "&client_secret=x").await, @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_request",
      "error_description": "the client authenticated in more than one way; use one"
    }
    "#);
}

#[tokio::test]
async fn a_request_with_two_authentication_methods_is_refused() {
    let fixture = TokenFixture::new().await;
    let good = basic("shop", SECRET);
    let secret_too = format!("{REQUEST}&client_id=shop&client_secret={SECRET}");
    let assertion_too = format!("{REQUEST}&client_assertion=x");
    let other_name = format!("{REQUEST}&client_id=second");
    for form in [&secret_too, &assertion_too, &other_name] {
        assert_eq!(
            code(&fixture.post("/token", &good, form).await),
            (400, "invalid_request".to_owned()),
            "{form}"
        );
    }
    let headers =
        [("content-type", FORM), ("authorization", good.as_str()), ("authorization", good.as_str())];
    let twice = fixture.send("POST", "/token", &headers, REQUEST).await;
    assert_eq!(code(&twice), (400, "invalid_request".to_owned()));
    assert!(is_in(&fixture.post("/token", &good, &format!("{REQUEST}&client_id=shop")).await));
}

#[tokio::test]
async fn too_many_failures_rate_limit_one_client_and_no_other() {
    let fixture = TokenFixture::new().await;
    for _ in 0..50 {
        assert_eq!(fixture.post("/token", &basic("shop", "wrong"), REQUEST).await.status(), 401);
    }
    let closed = fixture.post("/token", &basic("shop", SECRET), REQUEST).await;
    insta::assert_snapshot!(snapshot::response(&closed), @r#"
    429 Too Many Requests
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    retry-after: 60
    {
      "error": "temporarily_unavailable",
      "error_description": "authentication of this client failed too often from this address; wait and try again"
    }
    "#);
    assert!(is_in(&fixture.post("/token", &basic("second", SECRET), REQUEST).await));
    fixture.clock.advance(60);
    assert!(is_in(&fixture.post("/token", &basic("shop", SECRET), REQUEST).await));
}

#[tokio::test]
async fn a_client_that_did_not_authenticate_is_not_told_from_one_that_does_not_exist() {
    let fixture = TokenFixture::new().await;
    fixture.disable_client(&fixture.second).await;
    let mut answers = BTreeSet::new();
    let form = |fields: &str| format!("{REQUEST}{fields}");
    for (id, has_public_id) in [("shop", false), ("second", false), ("nobody", false), ("public", true)] {
        let mut all = Vec::new();
        for _ in 0..49 {
            all.push(fixture.post("/token", "", &form(&format!("&client_id={id}&client_secret=x"))).await);
        }
        if !has_public_id {
            all.push(fixture.post("/token", "", &form(&format!("&client_id={id}"))).await);
            all.push(fixture.post("/token", "", &form(&format!("&client_id={id}"))).await);
        }
        answers.extend(all.iter().enumerate().map(|(at, response)| (at, snapshot::response(response))));
    }
    let statuses: Vec<&str> = answers.iter().map(|(_, answer)| &answer[..3]).collect();
    assert_eq!(statuses, [vec!["401"; 50], vec!["429"]].concat(), "one answer at each attempt");
    assert_eq!(answers.iter().map(|(_, answer)| answer).collect::<BTreeSet<_>>().len(), 2);
}

#[tokio::test]
async fn made_up_client_ids_do_not_fill_the_audit_log() {
    let fixture = TokenFixture::new().await;
    let count = async || {
        let failures =
            audit_event::Entity::find().filter(audit_event::Column::Code.eq("client.authentication_failed"));
        failures.count(fixture.app.storage.connection()).await.expect("a count")
    };
    for number in 0..60 {
        let refused = fixture.post("/token", &basic(&format!("made-up-{number}"), "x"), REQUEST).await;
        assert_eq!(refused.status(), 401, "{number}");
        assert_eq!(count().await, (number + 1).min(50));
    }
    fixture.post("/token", &basic("shop", "wrong"), REQUEST).await;
    assert_eq!(count().await, 51, "an existing client is recorded all the same");
    fixture.clock.advance(60);
    fixture.post("/token", &basic("nobody", "x"), REQUEST).await;
    assert_eq!(count().await, 52, "the window is over");
}
