//! Token introspection (RFC 7662).

use super::super::support::{
    seed::SECRET,
    snapshot,
    token_fixture::{TokenFixture, basic},
};
use http::StatusCode;
use serde_json::{Value, json};

const SCOPES: &str = "openid email offline_access";

async fn inactive(fixture: &TokenFixture, client_id: &str, token: &str) -> bool {
    let response = fixture.post("/introspect", &basic(client_id, SECRET), &format!("token={token}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.body() == r#"{"active":false}"#
}

#[tokio::test]
async fn a_client_introspects_its_own_tokens() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await);
    let now = fixture.tokens(&fixture.shop, SCOPES).await.claims["iat"].as_i64().unwrap();
    let mut expected = json!({
        "active": true, "iss": "http://localhost:8080", "client_id": "shop", "sub": fixture.seed.alice.to_string(),
        "scope": SCOPES, "iat": now, "exp": now + 600, "auth_time": now - 30, "acr": "2fa", "token_type": "Bearer",
    });
    assert_eq!(shop.introspect(&tokens.access_token).await.unwrap(), expected);
    expected["exp"] = json!(now + 30 * 24 * 3600);
    expected.as_object_mut().unwrap().remove("token_type");
    assert_eq!(shop.introspect(tokens.refresh_token.as_deref().unwrap()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_token_of_another_client_and_a_malformed_token_are_only_inactive() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    let (access, refresh) = (tokens.access_token.as_str(), tokens.refresh_token.as_deref().unwrap());
    assert!(!inactive(&fixture, "shop", access).await && !inactive(&fixture, "shop", refresh).await);
    assert!(inactive(&fixture, "second", access).await && inactive(&fixture, "second", refresh).await);
    for garbage in ["x", "%00", &access[..access.len() - 1], &format!("{access}x"), &tokens.id_token] {
        assert!(inactive(&fixture, "shop", garbage).await, "{garbage}");
    }
}

#[tokio::test]
async fn a_token_with_any_changed_bit_is_inactive() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, "openid").await;
    for at in 0..tokens.access_token.len() {
        for bit in [1_u8, 2, 32] {
            let mut bytes = tokens.access_token.clone().into_bytes();
            bytes[at] ^= bit;
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            assert!(inactive(&fixture, "shop", &encoded).await, "byte {at} bit {bit}");
        }
    }
    assert!(!inactive(&fixture, "shop", &tokens.access_token).await);
}

#[tokio::test]
async fn a_replaced_expired_or_disabled_token_is_inactive() {
    let fixture = TokenFixture::new().await;
    let shop = fixture.relying_party(&fixture.shop);
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    let refresh = tokens.refresh_token.clone().unwrap();
    shop.refresh(&tokens).await.expect("new tokens");
    assert!(inactive(&fixture, "shop", &refresh).await, "replaced");
    assert!(!inactive(&fixture, "shop", &tokens.access_token).await);
    fixture.clock.advance(600);
    assert!(inactive(&fixture, "shop", &tokens.access_token).await, "expired");
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    assert!(!inactive(&fixture, "shop", &tokens.access_token).await);
    fixture.disable_person(fixture.seed.alice).await;
    assert!(inactive(&fixture, "shop", &tokens.access_token).await, "disabled");
    assert!(inactive(&fixture, "shop", tokens.refresh_token.as_deref().unwrap()).await, "disabled");
}

#[tokio::test]
async fn only_an_authenticated_confidential_client_may_introspect() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.public, "openid").await;
    for (authorization, form) in [
        (String::new(), format!("token={}", tokens.access_token)),
        (String::new(), format!("token={}&client_id=public", tokens.access_token)),
        (String::new(), format!("token={}&client_id=shop", tokens.access_token)),
        (basic("shop", "wrong"), format!("token={}", tokens.access_token)),
        (basic("nobody", SECRET), format!("token={}", tokens.access_token)),
    ] {
        let response = fixture.post("/introspect", &authorization, &form).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), &body["error"]), (401, &json!("invalid_client")), "{form}");
        let is_challenged = response.headers().contains_key("www-authenticate");
        assert_eq!(is_challenged, !authorization.is_empty(), "{form}");
    }
    fixture.disable_client(&fixture.shop).await;
    let response = fixture.post("/introspect", &basic("shop", SECRET), "token=x").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refusal_says_what_was_expected_and_an_inactive_token_gets_no_reason() {
    let fixture = TokenFixture::new().await;
    let ask = async |authorization: &str, form: &str| {
        snapshot::response(&fixture.post("/introspect", authorization, form).await)
    };
    insta::assert_snapshot!(ask(&basic("shop", SECRET), "token=x").await, @r#"
    200 OK
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "active": false
    }
    "#);
    insta::assert_snapshot!(ask(&basic("shop", SECRET), "").await, @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_request",
      "error_description": "the parameter token is missing"
    }
    "#);
    insta::assert_snapshot!(ask(&basic("shop", SECRET), "token=x&token=y").await, @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_request",
      "error_description": "the parameter token was sent more than once; send it once"
    }
    "#);
    insta::assert_snapshot!(ask("", "token=x&client_id=public").await, @r#"
    401 Unauthorized
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_client",
      "error_description": "only a client with a secret may use this endpoint"
    }
    "#);
    insta::assert_snapshot!(ask(&basic("shop", "wrong"), "token=x").await, @r#"
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
}
