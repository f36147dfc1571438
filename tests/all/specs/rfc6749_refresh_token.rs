//! Refreshing (RFC 6749 §6, RFC 9700 §4.14, OpenID Connect Core §12).

use super::super::support::{
    audit_log::AuditLog,
    relying_party::{RelyingParty, Tokens},
    seed::SECRET,
    snapshot,
    test_app::run_clean_up,
    token_fixture::{TokenFixture, basic},
};
use countersign::{directory::RefreshTokenRule, storage};
use http::StatusCode;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::Barrier;

const SCOPES: &str = "openid email offline_access";
const DAY: i64 = 24 * 3600;

async fn offline(fixture: &TokenFixture) -> (RelyingParty, Tokens) {
    (fixture.relying_party(&fixture.shop), fixture.tokens(&fixture.shop, SCOPES).await)
}

fn token(tokens: &Tokens) -> &str {
    tokens.refresh_token.as_deref().expect("a refresh token")
}

/// The response body of one refresh.
async fn raw(fixture: &TokenFixture, client_id: &str, token: &str, scope: &str) -> (StatusCode, Bytes) {
    let form = format!("grant_type=refresh_token&refresh_token={token}{scope}");
    let response = fixture.post("/token", &basic(client_id, SECRET), &form).await;
    (response.status(), response.into_body())
}

async fn refused(shop: &RelyingParty, tokens: &Tokens) -> (u16, String) {
    let error = shop.refresh(tokens).await.expect_err("refused");
    (error.status.as_u16(), error.error)
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[tokio::test]
async fn a_refresh_replaces_the_token_and_repeats_who_and_when() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    fixture.clock.advance(3600);
    assert!(shop.userinfo(&tokens).await.is_err());
    let fresh = shop.refresh(&tokens).await.expect("new tokens");
    assert_ne!(token(&fresh), token(&tokens));
    assert_ne!(fresh.claims["iat"], tokens.claims["iat"]);
    assert_eq!(fresh.claims["sid"], tokens.claims["sid"]);
    assert_eq!((&fresh.claims["acr"], fresh.claims.get("nonce")), (&json!("2fa"), None));
    assert_eq!(fresh.answer["scope"], SCOPES);
    assert!(shop.userinfo(&fresh).await.is_ok());
    assert!(shop.refresh(&fresh).await.is_ok());
}

#[tokio::test]
async fn a_lost_response_is_repeated_for_ten_seconds_byte_for_byte() {
    let fixture = TokenFixture::new().await;
    let (_, tokens) = offline(&fixture).await;
    let first = raw(&fixture, "shop", token(&tokens), "").await;
    assert_eq!(first.0, StatusCode::OK);
    fixture.clock.advance(9);
    assert_eq!(raw(&fixture, "shop", token(&tokens), "").await, first);
    assert_eq!(raw(&fixture, "second", token(&tokens), "").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(raw(&fixture, "shop", token(&tokens), "").await, first);
}

#[tokio::test]
async fn a_replaced_token_that_comes_back_later_ends_the_whole_family() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    let (other, bystander) = offline(&fixture).await;
    let fresh = shop.refresh(&tokens).await.expect("new tokens");
    fixture.clock.advance(10);
    assert!(shop.userinfo(&fresh).await.is_ok());
    assert_eq!(refused(&shop, &tokens).await, invalid_grant());
    assert_eq!(shop.userinfo(&fresh).await.unwrap_err().status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused(&shop, &fresh).await, invalid_grant());
    assert!(other.refresh(&bystander).await.is_ok(), "another grant is no family");
}

#[tokio::test]
async fn a_response_that_arrived_is_not_repeated_and_reuse_ends_the_family() {
    let fixture = TokenFixture::new().await;
    let (shop, first) = offline(&fixture).await;
    let second = shop.refresh(&first).await.expect("new tokens");
    assert_eq!(token(&shop.refresh(&first).await.expect("a retry")), token(&second), "perhaps it was lost");
    let third = shop.refresh(&second).await.expect("new tokens");
    assert_eq!(refused(&shop, &first).await, invalid_grant(), "no: its refresh token was used");
    assert_eq!(refused(&shop, &third).await, invalid_grant());
    assert_eq!(shop.userinfo(&third).await.unwrap_err().status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_stored_response_is_deleted_after_its_time() {
    let fixture = TokenFixture::new().await;
    let (_, tokens) = offline(&fixture).await;
    let hash = countersign::protocol::RefreshToken::parse(token(&tokens)).unwrap().hash();
    let kept = async || {
        let (storage, workspace) = (&fixture.app.storage, fixture.seed.workspace);
        let found = storage::refresh_tokens::find(storage, workspace, hash.as_bytes()).await;
        let found = found.unwrap().unwrap();
        found.token.answer_sealed
    };
    let (_, body) = raw(&fixture, "shop", token(&tokens), "").await;
    let sealed = kept().await.expect("the answer is kept");
    assert!(!sealed.windows(6).any(|part| part == b"cs_at_") && sealed.len() > body.len());
    fixture.clock.advance(9);
    run_clean_up(&fixture.app).await.unwrap();
    assert!(kept().await.is_some());
    fixture.clock.advance(1);
    run_clean_up(&fixture.app).await.unwrap();
    assert_eq!(kept().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_simultaneous_refreshes_get_the_same_response() {
    let fixture = Arc::new(TokenFixture::new().await);
    let (shop, tokens) = offline(&fixture).await;
    let barrier = Arc::new(Barrier::new(50));
    let tries = (0..50).map(|_| {
        let (fixture, token, barrier) = (fixture.clone(), token(&tokens).to_owned(), barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            raw(&fixture, "shop", &token, "").await
        })
    });
    let mut answers = BTreeSet::new();
    for outcome in futures_util::future::join_all(tries).await {
        let (status, body) = outcome.expect("no panic");
        assert_eq!(status, StatusCode::OK);
        answers.insert(body);
    }
    assert_eq!(answers.len(), 1, "never two living children");
    let answer: Value = serde_json::from_slice(answers.first().unwrap()).unwrap();
    let child = Tokens { refresh_token: answer["refresh_token"].as_str().map(str::to_owned), ..tokens };
    assert!(shop.refresh(&child).await.is_ok());
}

#[tokio::test]
async fn a_refresh_by_another_client_is_refused_and_consumes_nothing() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    let (status, body) = raw(&fixture, "second", token(&tokens), "").await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status.as_u16(), &body["error"]), (400, &json!("invalid_grant")));
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn fewer_scopes_may_be_asked_for_and_never_more() {
    let fixture = TokenFixture::new().await;
    let (_, tokens) = offline(&fixture).await;
    for wider in ["&scope=openid+phone", "&scope=phone", "&scope=unknown", "&scope=+"] {
        let (status, body) = raw(&fixture, "shop", token(&tokens), wider).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status.as_u16(), &body["error"]), (400, &json!("invalid_scope")), "{wider}");
    }
    let (status, body) = raw(&fixture, "shop", token(&tokens), "&scope=email").await;
    let narrowed: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, &narrowed["scope"]), (StatusCode::OK, &json!("email")));
    assert_eq!(narrowed.get("id_token"), None);
    let (_, body) = raw(&fixture, "shop", narrowed["refresh_token"].as_str().unwrap(), "").await;
    let whole: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(whole["scope"], SCOPES, "what was granted stays granted");
}

#[tokio::test]
async fn a_refresh_token_ends_when_idle_and_in_any_case() {
    let fixture = TokenFixture::new().await;
    let (shop, idle) = offline(&fixture).await;
    let (_, mut used) = offline(&fixture).await;
    for _ in 0..3 {
        fixture.clock.advance(30 * DAY - 1);
        used = shop.refresh(&used).await.expect("new tokens");
    }
    assert_eq!(refused(&shop, &idle).await, invalid_grant());
    fixture.clock.advance(3);
    assert_eq!(refused(&shop, &used).await, invalid_grant());
}

#[tokio::test]
async fn a_disabled_client_or_person_cannot_refresh() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    let second = fixture.tokens(&fixture.second, SCOPES).await;
    fixture.disable_client(&fixture.shop).await;
    assert_eq!(refused(&shop, &tokens).await, (401, "invalid_client".to_owned()));
    let rp = fixture.relying_party(&fixture.second);
    let second = rp.refresh(&second).await.expect("new tokens");
    fixture.disable_person(fixture.seed.alice).await;
    assert_eq!(refused(&rp, &second).await, invalid_grant());
}

#[tokio::test]
async fn a_client_that_may_no_longer_refresh_is_answered_unauthorized_client() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    fixture.configure(&fixture.shop, |settings| settings.refresh_token = RefreshTokenRule::Never).await;
    assert_eq!(refused(&shop, &tokens).await, (400, "unauthorized_client".to_owned()));
    fixture
        .configure(&fixture.shop, |settings| settings.refresh_token = RefreshTokenRule::OfflineAccess)
        .await;
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_not_the_one_given_is_unknown() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    let good = token(&tokens).to_owned();
    for wrong in [&good[..good.len() - 1], &format!("{good}A"), &good.replace("cs_rt_", "cs_at_"), "x"] {
        let changed = Tokens { refresh_token: Some(wrong.to_owned()), ..tokens.clone() };
        assert_eq!(refused(&shop, &changed).await, invalid_grant(), "{wrong}");
    }
    assert!(shop.refresh(&tokens).await.is_ok());
}

#[tokio::test]
async fn the_audit_log_records_issued_tokens_and_reuse() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    shop.refresh(&tokens).await.expect("new tokens");
    fixture.clock.advance(10);
    assert_eq!(refused(&shop, &tokens).await, invalid_grant());
    insta::assert_snapshot!(AuditLog::default().news(&fixture.app).await, @r#"
    token.issued alice shop {"grant_type":"authorization_code"}
    token.issued alice shop {"grant_type":"refresh_token"}
    … 10 seconds later
    refresh_token.reused alice shop
    "#);
}

#[tokio::test]
async fn each_refused_refresh_is_described() {
    let fixture = TokenFixture::new().await;
    let (shop, tokens) = offline(&fixture).await;
    let refresh = async |client_id: &str, token: &str, rest: &str| {
        let form = format!("grant_type=refresh_token&refresh_token={token}{rest}");
        snapshot::oauth_error(&fixture.post("/token", &basic(client_id, SECRET), &form).await)
    };
    insta::assert_snapshot!(refresh("shop", "x", "").await, @"400 invalid_grant: the refresh token is unknown, expired, revoked, used, or was issued to another client; start a new authorization");
    insta::assert_snapshot!(refresh("second", token(&tokens), "").await, @"400 invalid_grant: the refresh token is unknown, expired, revoked, used, or was issued to another client; start a new authorization");
    insta::assert_snapshot!(refresh("shop", token(&tokens), "&scope=openid+phone").await, @"400 invalid_scope: scope exceeds the grant; request 'openid email offline_access' or less");
    insta::assert_snapshot!(refresh("shop", token(&tokens), "&scope=+").await, @"400 invalid_scope: scope exceeds the grant; request 'openid email offline_access' or less");
    let fresh = shop.refresh(&tokens).await.expect("new tokens");
    fixture.configure(&fixture.shop, |settings| settings.refresh_token = RefreshTokenRule::Never).await;
    insta::assert_snapshot!(refresh("shop", token(&fresh), "").await, @"400 unauthorized_client: this client is not allowed to make this request");
}
