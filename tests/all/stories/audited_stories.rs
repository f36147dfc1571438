//! The audit log of whole stories, event by event: a missing, a doubled or a new event changes a snapshot.

use crate::support::{
    audit_log::AuditLog,
    phone::Act,
    push_fixture::{PushFixture, sending, state},
    seed::PASSWORD,
    sign_in::{Answer, code_of, give_code, give_password, request, sign_in, to_code},
    test_app::TestApp,
    token_fixture::{TokenFixture, basic},
};
use countersign::{app::App, clock::Clock};
use std::sync::Arc;

/// The log of a fixture's server from now on.
async fn log_of(fixture: &PushFixture) -> (Arc<App>, AuditLog) {
    let app = Arc::clone(&fixture.test_app.app);
    let log = AuditLog::from_now(&app).await;
    (app, log)
}

#[tokio::test]
async fn a_first_sign_in_audits_the_enrollment_step_by_step() {
    let mut fixture = PushFixture::new().await;
    let (app, mut log) = log_of(&fixture).await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    insta::assert_snapshot!(log.news(&app).await, @"enrollment.started alice quiet_app sign-in#1");
    let page = fixture.enroll(&page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.created alice quiet_app sign-in#1 {"devices":1}
    enrollment.claimed alice sign-in#1 {"platform":"Test"}
    enrollment.completed alice phone#1 sign-in#1 {"name":"Test phone"}
    enrollment.confirmed alice quiet_app phone#1 sign-in#1
    "#);
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.approved alice phone#1 sign-in#1 {"advice":[],"binding":"number","user_verified":false}
    challenge.consumed alice quiet_app phone#1 sign-in#1
    challenge.delivered alice phone#1 sign-in#1
    sign_in.succeeded alice quiet_app sign-in#1 {"acr":"2fa","amr":["pwd","pop","swk","user","mfa"],"how":"proved"}
    token.issued alice quiet_app {"grant_type":"authorization_code"}
    "#);
}

#[tokio::test]
async fn a_sign_in_by_password_and_phone_audits_the_challenge_and_the_success() {
    let mut fixture = PushFixture::with_phone().await;
    let (app, mut log) = log_of(&fixture).await;
    let (ask, page) = fixture.begin_waiting().await;
    insta::assert_snapshot!(log.news(&app).await, @r#"challenge.created alice quiet_app sign-in#2 {"devices":1}"#);
    let page = fixture.approve(&page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.approved alice phone#1 sign-in#2 {"advice":[],"binding":"number","user_verified":false}
    challenge.consumed alice quiet_app phone#1 sign-in#2
    challenge.delivered alice phone#1 sign-in#2
    sign_in.succeeded alice quiet_app sign-in#2 {"acr":"2fa","amr":["pwd","pop","swk","user","mfa"],"how":"proved"}
    "#);
    fixture.tokens(&ask, &page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"token.issued alice quiet_app {"grant_type":"authorization_code"}"#);
}

#[tokio::test]
async fn each_refused_approval_is_audited() {
    let mut fixture = PushFixture::with_phone().await;
    let (app, mut log) = log_of(&fixture).await;
    let (_, page) = fixture.begin_waiting().await;
    fixture.answer(Act::Deny).await.expect("an answer");
    let page = fixture.go_on(&page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.created alice quiet_app sign-in#2 {"devices":1}
    challenge.delivered alice phone#1 sign-in#2
    challenge.denied alice phone#1 sign-in#2 {"advice":[]}
    sign_in.refused alice quiet_app sign-in#2 {"reason":"denied"}
    "#);
    assert_eq!(state(&page), "denied");

    fixture.test_app.clock.advance(11);
    let (_, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    let wrong = if number == "00" { "01" } else { "00" };
    fixture.answer(Act::Approve(wrong)).await.expect_err("not this number");
    let page = fixture.go_on(&page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.created alice quiet_app sign-in#3 {"devices":1}
    challenge.delivered alice phone#1 sign-in#3
    challenge.mismatched alice phone#1 sign-in#3 {"advice":[],"binding":"number"}
    "#);

    fixture.test_app.clock.advance(60);
    let page = fixture.browser.send(sending(&page)).await;
    fixture.answer(Act::Report("not_me")).await.expect("an answer");
    let page = fixture.go_on(&page).await;
    insta::assert_snapshot!(log.news(&app).await, @r#"
    challenge.created alice quiet_app sign-in#3 {"devices":1}
    challenge.delivered alice phone#1 sign-in#3
    challenge.reported alice phone#1 sign-in#3 {"advice":[],"why":"not_me"}
    person.password_exposed alice
    person.source_blocked alice {"source":"192.0.2.1/32","until":"+86400 s"}
    push.muted alice phone#1 sign-in#3 {"reason":"report","until":"+1200 s"}
    sign_in.refused alice quiet_app sign-in#3 {"reason":"reported"}
    "#);
    fixture.browser.send(page.form("decision").press("deny")).await;
    insta::assert_snapshot!(log.news(&app).await, @"");
}

#[tokio::test]
async fn an_enrollment_that_fails_is_audited() {
    let mut fixture = PushFixture::new().await;
    let (app, mut log) = log_of(&fixture).await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let code = fixture.claim_and_complete(&crate::support::phone::Claim::scan(&link)).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        fixture.confirm(&page, wrong).await;
    }
    insta::assert_snapshot!(log.news(&app).await, @r#"
    enrollment.claimed alice sign-in#1 {"platform":"Test"}
    enrollment.completed alice phone#1 sign-in#1 {"name":"Test phone"}
    enrollment.failed alice quiet_app phone#1 sign-in#1 {"reason":"confirmation"}
    enrollment.started alice quiet_app sign-in#1
    "#);
}

#[tokio::test]
async fn a_guest_s_wrong_passwords_consent_and_cancellation_are_audited() {
    let test_app = TestApp::new().await;
    let (mut log, mut browser) = (AuditLog::from_now(&test_app.app).await, test_app.browser());
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(&mut browser, &page, "nobody", "wrong").await;
    let page = browser.go(page.link("Not you?").expect("a link").as_str()).await;
    let mut page = give_password(&mut browser, &page, "grace", "wrong").await;
    insta::assert_snapshot!(log.news(&test_app.app).await, @"
    password.wrong app sign-in#1
    password.wrong grace app sign-in#1
    ");
    for _ in 0..5 {
        page = give_password(&mut browser, &page, "grace", "wrong").await;
    }
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"
    password.blocked grace app sign-in#1 {"until":"+1 s"}
    password.wrong grace app sign-in#1
    password.wrong grace app sign-in#1
    password.wrong grace app sign-in#1
    password.wrong grace app sign-in#1
    "#);
    test_app.clock.advance(60);
    let consent = give_password(&mut browser, &page, "grace", PASSWORD).await;
    insta::assert_snapshot!(log.news(&test_app.app).await, @"");
    Answer::of(&browser.send(consent.form("decision").press("allow")).await).code();
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"
    consent.given grace app sign-in#1 {"scopes":["openid"]}
    sign_in.succeeded grace app sign-in#1 {"acr":"1fa","amr":["pwd"],"how":"proved"}
    "#);
    let page = browser.go(&request("app", &[("prompt", "login")])).await;
    browser.send(page.form("decision").press("deny")).await;
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"sign_in.refused grace app sign-in#2 {"reason":"cancelled"}"#);
}

#[tokio::test]
async fn wrong_used_and_blocked_codes_are_audited() {
    let test_app = TestApp::new().await;
    let (mut log, mut browser) = (AuditLog::from_now(&test_app.app).await, test_app.browser());
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    let right = code_of(&test_app.seed.tom_seed, test_app.clock.now());
    let wrong = if right == "000000" { "000001" } else { "000000" };
    give_code(&mut browser, &page, wrong).await;
    Answer::of(&give_code(&mut browser, &page, &right).await).code();
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"
    sign_in.succeeded tom quiet_app sign-in#1 {"acr":"2fa","amr":["pwd","otp","mfa"],"how":"proved"}
    totp.wrong tom quiet_app sign-in#1 {"reason":"wrong"}
    "#);
    let mut browser = test_app.browser();
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = give_password(&mut browser, &page, "tom", PASSWORD).await;
    let page = to_code(&mut browser, &page).await;
    give_code(&mut browser, &page, &right).await;
    for _ in 0..5 {
        give_code(&mut browser, &page, wrong).await;
    }
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"
    totp.blocked tom quiet_app sign-in#2 {"until":"+900 s"}
    totp.wrong tom quiet_app sign-in#2 {"reason":"already_used"}
    totp.wrong tom quiet_app sign-in#2 {"reason":"wrong"}
    totp.wrong tom quiet_app sign-in#2 {"reason":"wrong"}
    totp.wrong tom quiet_app sign-in#2 {"reason":"wrong"}
    totp.wrong tom quiet_app sign-in#2 {"reason":"wrong"}
    "#);
}

#[tokio::test]
async fn a_sign_out_is_audited_with_its_author() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await.code();
    let mut log = AuditLog::from_now(&test_app.app).await;
    let page = browser.go("/signout").await;
    browser.send(page.form("decision").press("allow")).await;
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"session.ended grace {"by":"person"}"#);

    let app = test_app.relying_party("quiet_app");
    let ask = app.ask().await;
    let page = browser.go(&ask.address()).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let tokens = app.redeem(&ask, &app.receive(&ask, &page).expect("a code")).await.expect("tokens");
    log.news(&test_app.app).await;
    browser.go(&format!("/signout?id_token_hint={}", tokens.id_token)).await;
    insta::assert_snapshot!(log.news(&test_app.app).await, @r#"session.ended grace {"by":"relying_party"}"#);
    assert_eq!(
        Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).error(),
        "login_required"
    );
}

#[tokio::test]
async fn replayed_revoked_and_unauthenticated_requests_of_clients_are_audited() {
    let fixture = TokenFixture::new().await;
    let (mut log, shop) = (AuditLog::from_now(&fixture.app).await, fixture.relying_party(&fixture.shop));
    let ask = shop.ask().await;
    let code = fixture.code(&ask).await;
    let tokens = shop.redeem(&ask, &code).await.expect("tokens");
    shop.revoke(&tokens.access_token).await;
    insta::assert_snapshot!(log.news(&fixture.app).await, @r#"
    token.issued alice shop {"grant_type":"authorization_code"}
    token.revoked alice shop
    "#);
    fixture.clock.advance(1);
    shop.redeem(&ask, &code).await.expect_err("used");
    let leaked = fixture.code(&ask).await;
    for _ in 0..2 {
        fixture.relying_party(&fixture.second).redeem(&ask, &leaked).await.expect_err("of another client");
    }
    fixture.post("/token", &basic("shop", "wrong"), "grant_type=refresh_token&refresh_token=x").await;
    fixture.post("/revoke", &basic("nobody", "wrong"), "token=x").await;
    insta::assert_snapshot!(log.news(&fixture.app).await, @r#"
    client.authentication_failed {"endpoint":"/revoke"}
    client.authentication_failed shop {"endpoint":"/token"}
    code.of_another_client alice shop
    code.replayed alice shop
    "#);
}
