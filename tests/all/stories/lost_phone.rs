//! Alice has lost her phone: an operator resets her factors by a command beside the running server.

use crate::support::{
    audit_log::AuditLog,
    command::Commands,
    push_fixture::PushFixture,
    relying_party::{RelyingParty, Tokens},
    test_app::TestApp,
    token_fixture::TokenFixture,
};
use http::StatusCode;

/// `countersign person reset-mfa USERNAME` in a process of its own, on the database of the running server.
fn reset_mfa(test_app: &TestApp, username: &str) -> String {
    Commands::beside(test_app).done(&["person", "reset-mfa", username, "--yes"]).out
}

async fn assert_alive(app: &RelyingParty, tokens: &Tokens) {
    assert_eq!(app.introspect(&tokens.access_token).await.expect("an answer")["active"], true);
    assert!(app.userinfo(tokens).await.is_ok());
}

async fn assert_dead(app: &RelyingParty, tokens: &Tokens) {
    for token in [Some(&tokens.access_token), tokens.refresh_token.as_ref()].into_iter().flatten() {
        assert_eq!(app.introspect(token).await.expect("an answer")["active"], false);
    }
    assert_eq!(app.userinfo(tokens).await.expect_err("signed out").status, StatusCode::UNAUTHORIZED);
    if tokens.refresh_token.is_some() {
        assert_eq!(app.refresh(tokens).await.expect_err("signed out").error, "invalid_grant");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_ends_every_token_of_the_person_and_none_of_another() {
    let fixture = TokenFixture::new().await;
    let shop = fixture.relying_party(&fixture.shop);
    let offline = fixture.tokens(&fixture.shop, "openid offline_access").await;
    let online = fixture.tokens(&fixture.second, "openid").await;
    let second = fixture.relying_party(&fixture.second);
    let unredeemed_ask = shop.ask().await.with("scope", "openid offline_access");
    let unredeemed = fixture.code(&unredeemed_ask).await;
    let ask = shop.ask().await.with("scope", "openid offline_access");
    let code = fixture.code_of(fixture.seed.tom, &ask).await;
    let of_tom = shop.redeem(&ask, &code).await.expect("tokens");
    assert!(offline.refresh_token.is_some() && of_tom.refresh_token.is_some());
    for (app, tokens) in [(&shop, &offline), (&second, &online), (&shop, &of_tom)] {
        assert_alive(app, tokens).await;
    }

    let mut log = AuditLog::from_now(&fixture.app).await;
    let said = reset_mfa(&fixture, "alice");
    assert!(said.contains("alice is signed out everywhere"), "{said}");
    insta::assert_snapshot!(log.news(&fixture.app).await, @r#"
    person.factors_reset alice
    ticket.created alice {"until":"+3600 s"}
    "#);

    assert_dead(&shop, &offline).await;
    assert_dead(&second, &online).await;
    let refused = shop.redeem(&unredeemed_ask, &unredeemed).await.expect_err("signed out");
    assert_eq!(refused.error, "invalid_grant");
    assert_alive(&shop, &of_tom).await;
    shop.refresh(&of_tom).await.expect("the tokens of another person stay");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_of_a_person_with_a_phone_names_the_phone_and_the_person() {
    let mut fixture = PushFixture::with_phone().await;
    let mut log = AuditLog::from_now(&fixture.test_app.app).await;
    let said = reset_mfa(&fixture.test_app, "alice");
    assert!(said.contains("alice is signed out everywhere"), "{said}");
    insta::assert_snapshot!(log.news(&fixture.test_app.app).await, @r#"
    device.revoked alice phone#1 {"by":"administrator"}
    person.factors_reset alice
    ticket.created alice {"until":"+3600 s"}
    "#);
    let refused = fixture.phone.open_challenges().await.expect_err("the phone was removed");
    assert_eq!(refused.code, "device_revoked");
}
