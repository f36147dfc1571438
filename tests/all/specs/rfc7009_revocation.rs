//! Token revocation (RFC 7009).

use super::super::support::{
    seed::SECRET,
    snapshot,
    token_fixture::{TokenFixture, basic},
};
use http::StatusCode;

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
    // Clients would parse an empty body of type JSON.
    insta::assert_snapshot!(snapshot::response(&revoked), @"
    200 OK
    cache-control: no-store
    pragma: no-cache
    ");
    let refused = fixture.post("/revoke", &basic("shop", SECRET), "").await;
    insta::assert_snapshot!(snapshot::response(&refused), @r#"
    400 Bad Request
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    {
      "error": "invalid_request",
      "error_description": "the parameter token is missing"
    }
    "#);
}

#[tokio::test]
async fn a_token_of_another_client_is_refused_and_stays_valid() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await);
    let refuse = async |token: &str| {
        let response = fixture.post("/revoke", &basic("second", SECRET), &format!("token={token}")).await;
        snapshot::oauth_error(&response)
    };
    insta::assert_snapshot!(refuse(&tokens.access_token).await, @"400 invalid_grant: the token was issued to another client");
    insta::assert_snapshot!(refuse(tokens.refresh_token.as_ref().unwrap()).await, @"400 invalid_grant: the token was issued to another client");
    assert!(shop.userinfo(&tokens).await.is_ok());
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn malformed_and_unauthenticated_requests_are_refused() {
    let fixture = TokenFixture::new().await;
    let refuse = async |authorization: &str, form: &str| {
        snapshot::oauth_error(&fixture.post("/revoke", authorization, form).await)
    };
    insta::assert_snapshot!(refuse(&basic("shop", SECRET), "").await, @"400 invalid_request: the parameter token is missing");
    insta::assert_snapshot!(refuse(&basic("shop", SECRET), "token=a&token=b").await, @"400 invalid_request: the parameter token was sent more than once; send it once");
    insta::assert_snapshot!(refuse(&basic("shop", "wrong"), "token=a").await, @"401 invalid_client: the client is unknown, or it did not authenticate as registered; send its secret by client_secret_basic or client_secret_post, or client_id alone if it has none");
    insta::assert_snapshot!(refuse("", "token=a").await, @"401 invalid_client: the request names no client; authenticate by client_secret_basic or client_secret_post, or send client_id");
    insta::assert_snapshot!(refuse("", "token=a&client_id=shop").await, @"401 invalid_client: the client is unknown, or it did not authenticate as registered; send its secret by client_secret_basic or client_secret_post, or client_id alone if it has none");
    assert_eq!(fixture.send("GET", "/revoke", &[], "").await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_failed_revocation_is_answered_503() {
    let fixture = TokenFixture::new().await;
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    fixture.app.storage.clone().close().await.expect("the database goes away");
    let form = format!("token={}", tokens.access_token);
    let response = fixture.post("/revoke", &basic("shop", SECRET), &form).await;
    insta::assert_snapshot!(snapshot::response(&response), @r#"
    503 Service Unavailable
    cache-control: no-store
    content-type: application/json
    pragma: no-cache
    retry-after: 2
    {
      "error": "temporarily_unavailable",
      "error_description": "the server is temporarily unavailable; try again"
    }
    "#);
}
