//! Token revocation (RFC 7009).

use super::super::support::{
    seed::SECRET,
    token_fixture::{TokenFixture, basic},
};
use http::StatusCode;
use serde_json::{Value, json};

const SCOPES: &str = "openid offline_access";

#[tokio::test]
async fn revoking_an_access_token_ends_only_that_token() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await);
    assert!(shop.userinfo(&tokens).await.is_ok());
    assert_eq!(shop.revoke(&tokens.access_token).await, StatusCode::OK);
    assert_eq!(shop.revoke(&tokens.access_token).await, StatusCode::OK);
    assert_eq!(shop.userinfo(&tokens).await.unwrap_err().error, "invalid_token");
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn revoking_a_refresh_token_ends_all_tokens_of_its_grant() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await);
    let other = fixture.tokens(&fixture.shop, SCOPES).await;
    let fresh = shop.refresh(&tokens).await.expect("new tokens");
    assert_eq!(shop.revoke(fresh.refresh_token.as_deref().unwrap()).await, StatusCode::OK);
    for tokens in [&tokens, &fresh] {
        assert!(shop.userinfo(tokens).await.is_err());
        assert_eq!(shop.refresh(tokens).await.unwrap_err().error, "invalid_grant");
    }
    assert!(shop.userinfo(&other).await.is_ok());
}

#[tokio::test]
async fn a_public_client_revokes_with_its_client_id_alone() {
    let fixture = TokenFixture::new().await;
    let (public, tokens) =
        (fixture.relying_party(&fixture.public), fixture.tokens(&fixture.public, SCOPES).await);
    assert_eq!(public.revoke(&tokens.access_token).await, StatusCode::OK);
    assert!(public.userinfo(&tokens).await.is_err());
}

#[tokio::test]
async fn an_unknown_token_is_answered_200() {
    let fixture = TokenFixture::new().await;
    let shop = fixture.relying_party(&fixture.shop);
    for unknown in ["x", "cs_at_", &format!("cs_at_{}", "x".repeat(43)), &format!("cs_rt_{}", "x".repeat(43))]
    {
        assert_eq!(shop.revoke(unknown).await, StatusCode::OK, "{unknown}");
    }
}

#[tokio::test]
async fn a_success_has_an_empty_body_and_a_refusal_is_json() {
    let fixture = TokenFixture::new().await;
    let revoked = fixture.post("/revoke", &basic("shop", SECRET), "token=x").await;
    assert_eq!((revoked.status(), revoked.body().len()), (StatusCode::OK, 0));
    assert_eq!(revoked.headers().get("content-type"), None, "clients would parse an empty body of type JSON");
    assert_eq!(revoked.headers()["cache-control"], "no-store");
    let refused = fixture.post("/revoke", &basic("shop", SECRET), "").await;
    assert_eq!(refused.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_token_of_another_client_is_refused_and_stays_valid() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await);
    for token in [&tokens.access_token, tokens.refresh_token.as_ref().unwrap()] {
        let response = fixture.post("/revoke", &basic("second", SECRET), &format!("token={token}")).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((response.status().as_u16(), &body["error"]), (400, &json!("invalid_grant")));
    }
    assert!(shop.userinfo(&tokens).await.is_ok());
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn malformed_and_unauthenticated_requests_are_refused() {
    let fixture = TokenFixture::new().await;
    let error = async |authorization: &str, form: &str| {
        let response = fixture.post("/revoke", authorization, form).await;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body["error"].as_str().unwrap().to_owned())
    };
    assert_eq!(error(&basic("shop", SECRET), "").await, (400, "invalid_request".to_owned()));
    assert_eq!(error(&basic("shop", SECRET), "token=a&token=b").await, (400, "invalid_request".to_owned()));
    assert_eq!(error(&basic("shop", "wrong"), "token=a").await, (401, "invalid_client".to_owned()));
    assert_eq!(error("", "token=a").await, (401, "invalid_client".to_owned()));
    assert_eq!(error("", "token=a&client_id=shop").await, (401, "invalid_client".to_owned()));
    assert_eq!(fixture.send("GET", "/revoke", &[], "").await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_failed_revocation_is_answered_503() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    fixture.app.storage.clone().close().await.expect("the database goes away");
    let form = format!("token={}", tokens.access_token);
    let response = fixture.post("/revoke", &basic("shop", SECRET), &form).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(response.headers()["cache-control"], "no-store");
}
