//! The lifetimes of codes and tokens, as the settings of their client say: `expires_in` (RFC 6749 §5.1), `exp` of ID tokens
//! (OpenID Connect Core §2) and of introspection (RFC 7662 §2.2), refresh tokens (RFC 9700 §4.14.2), and codes
//! (RFC 6749 §4.1.2).

use super::super::support::{
    audit_log::AuditLog, command::Commands, seed::PASSWORD, sign_in::give_password, test_app::TestApp,
    token_fixture::TokenFixture,
};
use countersign::directory::TokenLifetime::{self, AccessTokenSeconds, IdTokenSeconds};
use http::StatusCode;
use serde_json::json;

const SCOPES: &str = "openid offline_access";

/// A server whose client `shop` has these lifetimes.
async fn shop_with(lifetimes: &[(TokenLifetime, i64)]) -> TokenFixture {
    let mut fixture = TokenFixture::new().await;
    for (which, seconds) in lifetimes {
        fixture.shop.settings.token_lifetimes.set(*which, *seconds);
    }
    let settings = fixture.shop.settings.clone();
    fixture.configure(&fixture.shop, |kept| *kept = settings).await;
    fixture
}

#[tokio::test]
async fn an_access_token_is_valid_for_the_seconds_of_its_client_and_no_longer() {
    let fixture = shop_with(&[(AccessTokenSeconds, 120)]).await;
    let (shop, second) = (fixture.relying_party(&fixture.shop), fixture.relying_party(&fixture.second));
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    let usual = fixture.tokens(&fixture.second, SCOPES).await;
    assert_eq!((&tokens.answer["expires_in"], &usual.answer["expires_in"]), (&json!(120), &json!(600)));
    let described = shop.introspect(&tokens.access_token).await.expect("an answer");
    assert_eq!(described["exp"].as_i64().unwrap() - described["iat"].as_i64().unwrap(), 120);
    fixture.clock.advance(119);
    assert!(shop.userinfo(&tokens).await.is_ok());
    assert_eq!(shop.introspect(&tokens.access_token).await.expect("an answer")["active"], true);
    fixture.clock.advance(1);
    assert_eq!(shop.userinfo(&tokens).await.expect_err("over").status, StatusCode::UNAUTHORIZED);
    assert_eq!(shop.introspect(&tokens.access_token).await.expect("an answer")["active"], false);
    assert!(second.userinfo(&usual).await.is_ok(), "another client has the default");
    let fresh = shop.refresh(&tokens).await.expect("new tokens");
    assert_eq!(fresh.answer["expires_in"], 120, "and so do refreshed ones");
    fixture.clock.advance(119);
    assert!(shop.userinfo(&fresh).await.is_ok());
    fixture.clock.advance(1);
    assert!(shop.userinfo(&fresh).await.is_err());
}

#[tokio::test]
async fn an_id_token_expires_after_the_seconds_of_its_client() {
    let fixture = shop_with(&[(IdTokenSeconds, 3600)]).await;
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    let seconds =
        |claims: &serde_json::Value| claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(seconds(&tokens.claims), 3600);
    assert_eq!(tokens.answer["expires_in"], 600, "the access token has a lifetime of its own");
    let usual = fixture.tokens(&fixture.second, SCOPES).await;
    assert_eq!(seconds(&usual.claims), 600);
}

#[tokio::test]
async fn a_refresh_token_ends_when_idle_for_the_seconds_of_its_client() {
    let fixture = shop_with(&[(TokenLifetime::RefreshTokenIdleSeconds, 900)]).await;
    let shop = fixture.relying_party(&fixture.shop);
    let tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    fixture.clock.advance(899);
    let tokens = shop.refresh(&tokens).await.expect("in time");
    fixture.clock.advance(900);
    assert_eq!(shop.refresh(&tokens).await.expect_err("too late").error, "invalid_grant");
}

#[tokio::test]
async fn all_refresh_tokens_end_with_the_absolute_lifetime_of_their_client() {
    let fixture = shop_with(&[(TokenLifetime::RefreshTokenAbsoluteSeconds, 1000)]).await;
    let shop = fixture.relying_party(&fixture.shop);
    let mut tokens = fixture.tokens(&fixture.shop, SCOPES).await;
    for _ in 0..3 {
        fixture.clock.advance(333);
        tokens = shop.refresh(&tokens).await.expect("before its end");
    }
    fixture.clock.advance(1);
    assert_eq!(shop.refresh(&tokens).await.expect_err("at its end").error, "invalid_grant");
}

#[tokio::test]
async fn a_lifetime_that_is_shortened_binds_the_refresh_tokens_that_there_are() {
    for which in [TokenLifetime::RefreshTokenIdleSeconds, TokenLifetime::RefreshTokenAbsoluteSeconds] {
        let fixture = shop_with(&[]).await;
        let shop = fixture.relying_party(&fixture.shop);
        let (late, early) =
            (fixture.tokens(&fixture.shop, SCOPES).await, fixture.tokens(&fixture.shop, SCOPES).await);
        fixture.configure(&fixture.shop, |settings| settings.token_lifetimes.set(which, 600)).await;
        fixture.clock.advance(599);
        assert!(shop.refresh(&early).await.is_ok(), "{which:?}");
        fixture.clock.advance(1);
        assert_eq!(shop.refresh(&late).await.expect_err("over").error, "invalid_grant", "{which:?}");
        fixture.configure(&fixture.shop, |_| {}).await;
        assert!(shop.refresh(&late).await.is_ok(), "{which:?}: a longer one is judged anew, too");
    }
}

#[tokio::test]
async fn a_code_is_redeemed_within_the_seconds_of_its_client() {
    for (waited, is_redeemed) in [(29, true), (30, false)] {
        let test_app = TestApp::new().await;
        let commands = Commands::beside(&test_app);
        commands.done(&["client", "set", "quiet_app", "--authorization-code-seconds", "30"]);
        let app = test_app.relying_party("quiet_app");
        let ask = app.ask().await;
        let mut browser = test_app.browser();
        let page = browser.go(&ask.address()).await;
        let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
        let code = app.receive(&ask, &page).expect("a code");
        test_app.clock.advance(waited);
        assert_eq!(app.redeem(&ask, &code).await.is_ok(), is_redeemed, "{waited}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lifetime_is_set_by_command_within_its_bounds_and_audited() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    let shown = |name: &str| commands.json(&["client", "show", "app"])["token_lifetimes"][name].clone();
    assert_eq!(shown("access_token_seconds"), 600);
    for (option, too_few, too_many) in [
        ("--access-token-seconds", "59", "86401"),
        ("--id-token-seconds", "59", "86401"),
        ("--refresh-token-idle-seconds", "299", "7776001"),
        ("--refresh-token-absolute-seconds", "299", "7776001"),
        ("--authorization-code-seconds", "9", "601"),
    ] {
        for seconds in [too_few, too_many] {
            let refused = commands.run(&["client", "set", "app", option, seconds], "");
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.errors.contains(option) && refused.errors.contains("expected"), "{refused:?}");
        }
    }
    let mut log = AuditLog::from_now(&test_app.app).await;
    let set =
        ["client", "set", "app", "--access-token-seconds", "300", "--refresh-token-idle-seconds", "3600"];
    let changed = commands.json(&set)["changed"].clone();
    assert_eq!(changed, json!(["access_token_seconds", "refresh_token_idle_seconds"]));
    insta::assert_snapshot!(log.news(&test_app.app).await, @"client.changed app");
    assert_eq!(
        (shown("access_token_seconds"), shown("refresh_token_idle_seconds")),
        (json!(300), json!(3600))
    );
    assert_eq!(commands.json(&set)["changed"], json!([]), "the same again changes nothing");
    let back = commands.json(&["client", "set", "app", "--access-token-seconds", "600"]);
    assert_eq!(back["changed"], json!(["access_token_seconds"]));
}
