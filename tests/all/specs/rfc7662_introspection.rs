//! Asking about tokens (RFC 7662).

use super::super::house::{
    seed::SECRET,
    token_desk::{TokenDesk, basic},
};
use http::StatusCode;
use serde_json::{Value, json};

const SCOPES: &str = "openid email offline_access";

async fn inactive(desk: &TokenDesk, client_id: &str, token: &str) -> bool {
    let response = desk.post("/introspect", &basic(client_id, SECRET), &format!("token={token}")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.body() == r#"{"active":false}"#
}

#[tokio::test]
async fn a_client_learns_what_its_own_tokens_are_good_for() {
    let desk = TokenDesk::new().await;
    let (shop, tokens) = (desk.relying_party(&desk.shop), desk.tokens(&desk.shop, SCOPES).await);
    let now = desk.tokens(&desk.shop, SCOPES).await.claims["iat"].as_i64().unwrap();
    let mut expected = json!({
        "active": true, "iss": "http://localhost:8080", "client_id": "shop", "sub": desk.seed.alice.to_string(),
        "scope": SCOPES, "iat": now, "exp": now + 600, "auth_time": now - 30, "acr": "2fa", "token_type": "Bearer",
    });
    assert_eq!(shop.introspect(&tokens.access_token).await.unwrap(), expected);
    expected["exp"] = json!(now + 30 * 24 * 3600);
    expected.as_object_mut().unwrap().remove("token_type");
    assert_eq!(shop.introspect(tokens.refresh_token.as_deref().unwrap()).await.unwrap(), expected);
}

#[tokio::test]
async fn to_another_client_and_of_what_is_no_token_the_answer_is_inactive_and_nothing_else() {
    let desk = TokenDesk::new().await;
    let tokens = desk.tokens(&desk.shop, SCOPES).await;
    let (access, refresh) = (tokens.access_token.as_str(), tokens.refresh_token.as_deref().unwrap());
    assert!(!inactive(&desk, "shop", access).await && !inactive(&desk, "shop", refresh).await);
    assert!(inactive(&desk, "second", access).await && inactive(&desk, "second", refresh).await);
    for garbage in ["x", "%00", &access[..access.len() - 1], &format!("{access}x"), &tokens.id_token] {
        assert!(inactive(&desk, "shop", garbage).await, "{garbage}");
    }
}

#[tokio::test]
async fn every_bit_of_a_token_counts() {
    let desk = TokenDesk::new().await;
    let tokens = desk.tokens(&desk.shop, "openid").await;
    for at in 0..tokens.access_token.len() {
        for bit in [1_u8, 2, 32] {
            let mut bytes = tokens.access_token.clone().into_bytes();
            bytes[at] ^= bit;
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            assert!(inactive(&desk, "shop", &encoded).await, "byte {at} bit {bit}");
        }
    }
    assert!(!inactive(&desk, "shop", &tokens.access_token).await);
}

#[tokio::test]
async fn a_dead_token_is_inactive() {
    let desk = TokenDesk::new().await;
    let shop = desk.relying_party(&desk.shop);
    let tokens = desk.tokens(&desk.shop, SCOPES).await;
    let refresh = tokens.refresh_token.clone().unwrap();
    shop.refresh(&tokens).await.expect("new tokens");
    assert!(inactive(&desk, "shop", &refresh).await, "replaced");
    assert!(!inactive(&desk, "shop", &tokens.access_token).await);
    desk.clock.advance(600);
    assert!(inactive(&desk, "shop", &tokens.access_token).await, "expired");
    let tokens = desk.tokens(&desk.shop, SCOPES).await;
    assert!(!inactive(&desk, "shop", &tokens.access_token).await);
    desk.disable_person(desk.seed.alice).await;
    assert!(inactive(&desk, "shop", &tokens.access_token).await, "disabled");
    assert!(inactive(&desk, "shop", tokens.refresh_token.as_deref().unwrap()).await, "disabled");
}

#[tokio::test]
async fn only_clients_with_a_secret_may_ask() {
    let desk = TokenDesk::new().await;
    let tokens = desk.tokens(&desk.public, "openid").await;
    for (authorization, form) in [
        (String::new(), format!("token={}", tokens.access_token)),
        (String::new(), format!("token={}&client_id=public", tokens.access_token)),
        (String::new(), format!("token={}&client_id=shop", tokens.access_token)),
        (basic("shop", "wrong"), format!("token={}", tokens.access_token)),
        (basic("nobody", SECRET), format!("token={}", tokens.access_token)),
    ] {
        let response = desk.post("/introspect", &authorization, &form).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), &body["error"]), (401, &json!("invalid_client")), "{form}");
        let is_challenged = response.headers().contains_key("www-authenticate");
        assert_eq!(is_challenged, !authorization.is_empty(), "{form}");
    }
    desk.disable_client(&desk.shop).await;
    let response = desk.post("/introspect", &basic("shop", SECRET), "token=x").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}
