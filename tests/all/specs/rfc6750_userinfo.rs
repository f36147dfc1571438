//! Userinfo (OpenID Connect Core §5.3) and the transmission of its bearer token (RFC 6750).

use super::super::support::{
    seed::SECRET,
    snapshot,
    token_fixture::{TokenFixture, basic},
};
use countersign::storage::Executor;
use http::Response;
use hyper::body::Bytes;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ALL: &str = "openid profile email address phone";
const FORM: &str = "application/x-www-form-urlencoded";

fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).expect("JSON")
}

/// The one response that all requests got.
fn only(answers: BTreeSet<String>) -> String {
    assert_eq!(answers.len(), 1, "{answers:#?}");
    answers.into_iter().collect()
}

fn challenge(response: &Response<Bytes>) -> &str {
    response.headers()["www-authenticate"].to_str().expect("text")
}

#[tokio::test]
async fn every_claim_of_the_granted_scopes_is_returned_for_each_way_to_send_the_token() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, ALL).await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let header = [("authorization", bearer.as_str())];
    let get = fixture.send("GET", "/userinfo", &header, "").await;
    let claims = json_of(&get);
    assert_eq!(claims.as_object().unwrap().len(), 20, "nineteen claims and sub: {claims}");
    assert_eq!(claims["sub"], tokens.claims["sub"]);
    assert_eq!((&claims["email_verified"], &claims["phone_number_verified"]), (&json!(true), &json!(true)));
    assert!(claims["updated_at"].is_i64() && claims["address"]["country"] == "United Kingdom", "{claims}");
    assert_eq!(get.headers()["content-type"], "application/json");
    assert_eq!(get.headers()["cache-control"], "no-store");
    let post_header = fixture.send("POST", "/userinfo", &header, "").await;
    let form = format!("access_token={}", tokens.access_token);
    let post_body = fixture.send("POST", "/userinfo", &[("content-type", FORM)], &form).await;
    assert_eq!((get.body(), get.body()), (post_header.body(), post_body.body()));
}

#[tokio::test]
async fn a_token_in_the_body_of_a_get_is_ignored() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid").await;
    let form = format!("access_token={}", tokens.access_token);
    let response = fixture.send("GET", "/userinfo", &[("content-type", FORM)], &form).await;
    assert_eq!(response.status().as_u16(), 401, "RFC 6750 §2.2");
    assert!(!challenge(&response).contains("error"));
    let bearer = format!("Bearer {}", tokens.access_token);
    let headers = [("content-type", FORM), ("authorization", bearer.as_str())];
    assert_eq!(fixture.send("GET", "/userinfo", &headers, &form).await.status().as_u16(), 200, "ignored");
    assert_eq!(
        fixture.send("POST", "/userinfo", &[("content-type", FORM)], &form).await.status().as_u16(),
        200
    );
}

#[tokio::test]
async fn only_the_claims_of_granted_scopes_are_returned() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid email").await;
    let claims = fixture.relying_party(&fixture.shop).userinfo(&tokens).await.unwrap();
    let names: Vec<&String> = claims.as_object().unwrap().keys().collect();
    assert_eq!(names, ["email", "email_verified", "sub"]);
}

#[tokio::test]
async fn a_token_without_the_openid_scope_is_refused() {
    let fixture = TokenFixture::new().await;
    let answer = fixture.tokens_without_openid().await;
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let response = fixture.send("GET", "/userinfo", &[("authorization", &bearer)], "").await;
    insta::assert_snapshot!(snapshot::response(&response), @r#"
    403 Forbidden
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080", error="insufficient_scope", error_description="the access token was granted without the scope openid", scope="openid"
    {
      "error": "insufficient_scope",
      "error_description": "the access token was granted without the scope openid"
    }
    "#);
}

#[tokio::test]
async fn a_request_without_a_token_gets_a_challenge_without_an_error() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid").await;
    let in_query = format!("/userinfo?access_token={}", tokens.access_token);
    let mut answers = BTreeSet::new();
    for (method, path) in [("GET", "/userinfo"), ("POST", "/userinfo"), ("GET", &in_query)] {
        answers.insert(snapshot::response(&fixture.send(method, path, &[], "").await));
    }
    insta::assert_snapshot!(only(answers), @r#"
    401 Unauthorized
    cache-control: no-store
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080"
    "#);
}

#[tokio::test]
async fn a_token_that_differs_from_the_issued_one_is_invalid() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, ALL).await;
    let good = tokens.access_token;
    let long = good.clone() + &"A".repeat(40);
    let mut answers = BTreeSet::new();
    for wrong in
        ["", "x", &good[1..], &good[..good.len() - 1], &format!("{good}A"), &long, &good.to_lowercase()]
    {
        let bearer = format!("Bearer {wrong}");
        let response = fixture.send("GET", "/userinfo", &[("authorization", &bearer)], "").await;
        answers.insert(snapshot::response(&response));
    }
    insta::assert_snapshot!(only(answers), @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080", error="invalid_token", error_description="the access token is unknown, expired or revoked; get a new one"
    {
      "error": "invalid_token",
      "error_description": "the access token is unknown, expired or revoked; get a new one"
    }
    "#);
    let bearer = format!("Bearer {good}");
    assert_eq!(fixture.send("GET", "/userinfo", &[("authorization", &bearer)], "").await.status(), 200);
}

#[tokio::test]
async fn a_request_with_two_tokens_is_refused() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, ALL).await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let form = format!("access_token={}", tokens.access_token);
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    let both = [("authorization", bearer.as_str()), ("content-type", FORM)];
    let doubled = format!("{form}&{form}");
    let mut answers = Vec::new();
    for (headers, body) in [(&twice[..], ""), (&both[..], form.as_str()), (&both[1..], doubled.as_str())] {
        let response = fixture.send("POST", "/userinfo", headers, body).await;
        answers.push(snapshot::response(&response));
    }
    insta::assert_snapshot!(answers.join("\n\n"), @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080", error="invalid_request", error_description="the Authorization header was sent more than once; send it once"
    {
      "error": "invalid_request",
      "error_description": "the Authorization header was sent more than once; send it once"
    }

    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080", error="invalid_request", error_description="the access token was sent in more than one way; use one"
    {
      "error": "invalid_request",
      "error_description": "the access token was sent in more than one way; use one"
    }

    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    www-authenticate: Bearer realm="http://localhost:8080", error="invalid_request", error_description="the parameter access_token was sent more than once; send it once"
    {
      "error": "invalid_request",
      "error_description": "the parameter access_token was sent more than once; send it once"
    }
    "#);
}

#[tokio::test]
async fn a_token_in_the_query_beside_another_is_refused() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, ALL).await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let form = format!("access_token={}", tokens.access_token);
    let (header, body) = ([("authorization", bearer.as_str())], [("content-type", FORM)]);
    let mut refused = BTreeSet::new();
    for (method, headers, text) in [("GET", &header[..], ""), ("POST", &header, ""), ("POST", &body, &form)] {
        let path = format!("/userinfo?{form}");
        let response = fixture.send(method, &path, headers, text).await;
        assert_eq!(response.status(), 400, "{method}: RFC 6750 §3.1");
        refused.insert(json_of(&response)["error"].as_str().unwrap().to_owned());
        let alone = fixture.send(method, "/userinfo?trace=1", headers, text).await;
        assert_eq!(alone.status(), 200, "{method}");
    }
    assert_eq!(only(refused), "invalid_request");
}

#[tokio::test]
async fn a_token_ends_with_its_lifetime_its_person_and_its_client() {
    let fixture = TokenFixture::new().await;
    let (shop, second) = (fixture.relying_party(&fixture.shop), fixture.relying_party(&fixture.second));
    let old = fixture.tokens(&fixture.shop, ALL).await;
    fixture.clock.advance(599);
    assert!(shop.userinfo(&old).await.is_ok());
    fixture.clock.advance(1);
    assert_eq!(shop.userinfo(&old).await.unwrap_err().error, "invalid_token");
    let (one, other) = (fixture.tokens(&fixture.shop, ALL).await, fixture.tokens(&fixture.second, ALL).await);
    fixture.disable_client(&fixture.shop).await;
    assert_eq!(shop.userinfo(&one).await.unwrap_err().error, "invalid_token");
    assert!(second.userinfo(&other).await.is_ok());
    fixture.disable_person(fixture.seed.alice).await;
    assert_eq!(second.userinfo(&other).await.unwrap_err().error, "invalid_token");
}

#[tokio::test]
async fn stored_scopes_that_cannot_be_read_are_a_fault_and_no_empty_set() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid offline_access").await;
    let bearer = format!("Bearer {}", tokens.access_token);
    let refresh_token = tokens.refresh_token.as_deref().expect("a refresh token");
    let refresh = format!("grant_type=refresh_token&refresh_token={refresh_token}");
    let statuses = async || {
        let userinfo = fixture.send("GET", "/userinfo", &[("authorization", &bearer)], "").await;
        let mut all = vec![userinfo.status().as_u16()];
        for token in [&tokens.access_token, refresh_token] {
            let form = format!("token={token}");
            let described = fixture.post("/introspect", &basic("shop", SECRET), &form).await;
            all.push(described.status().as_u16());
        }
        all.push(fixture.post("/token", &basic("shop", SECRET), &refresh).await.status().as_u16());
        all
    };
    let set_scopes = async |scopes: &str| {
        for table in ["access_token", "refresh_token"] {
            let statement = format!("UPDATE {table} SET scopes = '{scopes}'");
            let connection = fixture.app.storage.connection();
            connection.execute_unprepared(&statement).await.expect("it is done");
        }
    };
    set_scopes("openid \"").await;
    assert_eq!(statuses().await, [500, 500, 500, 500]);
    set_scopes("openid offline_access").await;
    assert_eq!(statuses().await, [200, 200, 200, 200], "nothing was used up");
}
