//! Audit events of challenges and enrollments that end without an answer, and of sign-ins without a page.

use crate::support::{
    audit_log::details_of,
    phone::{Act, Claim},
    push_fixture::{PushFixture, continuing, sending},
    seed::PASSWORD,
    sign_in::{Answer, request, sign_in},
    test_app::{TestApp, run_clean_up},
};
use countersign::audit::AuditEvent;
use serde_json::{Value, json};

/// Programs read the log by these codes: a code is added, and never renamed or removed.
#[test]
fn the_codes_of_the_audit_log_stay_as_they_are() {
    let mut codes = AuditEvent::CODES.to_vec();
    codes.sort_unstable();
    insta::assert_snapshot!(codes.join("\n"), @r"
    action.confirmed
    answer.counter_conflict
    answer.refused
    answer.replayed
    challenge.approved
    challenge.consumed
    challenge.created
    challenge.delivered
    challenge.denied
    challenge.expired
    challenge.mismatched
    challenge.reported
    challenge.superseded
    client.added
    client.authentication_failed
    client.changed
    client.deleted
    client.disabled
    client.enabled
    client.secret_rotated
    code.of_another_client
    code.replayed
    consent.given
    consent.revoked
    device.key_rotated
    device.revoked
    device.suspended
    enrollment.claimed
    enrollment.completed
    enrollment.confirmed
    enrollment.contested
    enrollment.failed
    enrollment.started
    invitation.redeemed
    key.retired
    key.rotated
    letter.failed
    password.blocked
    password.changed
    password.wrong
    person.added
    person.deleted
    person.disabled
    person.enabled
    person.factors_reset
    person.invited
    person.password_exposed
    person.password_set
    person.push_reset
    person.signed_out
    person.source_blocked
    person.unlocked
    pool.changed
    push.limited
    push.muted
    refresh_token.reused
    session.ended
    sign_in.refused
    sign_in.succeeded
    ticket.blocked
    ticket.created
    ticket.redeemed
    ticket.wrong
    token.issued
    token.revoked
    totp.blocked
    totp.wrong
    transport.changed
    transport.gone
    workspace.added
    workspace.changed
    ");
}

/// Runs the clean-up of two nodes at once.
async fn sweep(test_app: &TestApp) {
    let (one, other) = tokio::join!(run_clean_up(&test_app.app), run_clean_up(&test_app.app));
    one.and(other).expect("storage answers");
}

#[tokio::test]
async fn an_unanswered_challenge_is_audited_as_expired_once() {
    let mut fixture = PushFixture::with_phone().await;
    let alice = fixture.test_app.seed.alice;
    fixture.begin_waiting().await;
    sweep(&fixture.test_app).await;
    assert_eq!(
        details_of(&fixture.test_app.app, alice, "challenge.expired").await,
        [] as [Value; 0],
        "it is still open"
    );
    fixture.test_app.clock.advance(600);
    let asked_at = fixture.test_app.app.now().unix_seconds() - 600;
    sweep(&fixture.test_app).await;
    sweep(&fixture.test_app).await;
    let expired = details_of(&fixture.test_app.app, alice, "challenge.expired").await;
    assert_eq!(expired.len(), 1, "{expired:?}");
    assert_eq!(expired[0]["reason"], "unanswered");
    let at = expired[0]["at"].as_i64().expect("an instant");
    assert!((asked_at + 1..asked_at + 600).contains(&at), "{at} is when it was over, not when it was noted");
}

#[tokio::test]
async fn an_approval_that_is_not_consumed_is_audited_as_unclaimed() {
    let mut fixture = PushFixture::with_phone().await;
    let alice = fixture.test_app.seed.alice;
    let (_, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    fixture.answer(Act::Approve(&number)).await.expect("an answer");
    let until = fixture.test_app.app.now().unix_seconds() + 60;
    fixture.test_app.clock.advance(60);
    sweep(&fixture.test_app).await;
    let expired = details_of(&fixture.test_app.app, alice, "challenge.expired").await;
    assert_eq!(expired, [json!({"reason": "unclaimed", "at": until})]);
    assert!(fixture.go_on(&page).await.departure.is_none(), "noted or not, it is void");
}

#[tokio::test]
async fn a_consumed_approval_never_expires() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    fixture.approve(&page).await;
    fixture.test_app.clock.advance(3600);
    sweep(&fixture.test_app).await;
    assert_eq!(
        details_of(&fixture.test_app.app, fixture.test_app.seed.alice, "challenge.expired").await,
        [] as [Value; 0]
    );
}

#[tokio::test]
async fn a_withdrawn_challenge_is_audited_with_its_reason() {
    let mut fixture = PushFixture::with_phone().await;
    let alice = fixture.test_app.seed.alice;
    let (_, page) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(11);
    let page = fixture.browser.send(sending(&page)).await;
    let superseded =
        async |fixture: &PushFixture| details_of(&fixture.test_app.app, alice, "challenge.superseded").await;
    assert_eq!(superseded(&fixture).await, [json!({"reason": "resent"})]);
    fixture.browser.send(page.form("Cancel").press("deny")).await;
    assert_eq!(superseded(&fixture).await[1..], [json!({"reason": "cancelled"})]);
    // Long after its time it is only expired.
    fixture.test_app.clock.advance(3600);
    let (_, page) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(600);
    let mut form = continuing(&page);
    form.action.set_path("/signin/push/send");
    fixture.browser.send(form).await;
    sweep(&fixture.test_app).await;
    assert_eq!(superseded(&fixture).await.len(), 2);
    assert_eq!(details_of(&fixture.test_app.app, alice, "challenge.expired").await.len(), 1);
}

#[tokio::test]
async fn a_sign_out_takes_back_what_another_tab_has_asked_of_the_phone() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    fixture.approve(&page).await;
    fixture.test_app.clock.advance(60);
    let ask = fixture.app.ask().await.with("prompt", "login");
    let page = fixture.browser.go(&ask.address()).await;
    fixture.browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert_eq!(fixture.phone.open_challenges().await.expect("a list").len(), 1);
    let page = fixture.browser.go("http://localhost:8080/signout").await;
    fixture.browser.send(page.form("decision").press("allow")).await;
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty());
    let superseded =
        details_of(&fixture.test_app.app, fixture.test_app.seed.alice, "challenge.superseded").await;
    assert_eq!(superseded, [json!({"reason": "cancelled"})]);
}

#[tokio::test]
async fn an_unfinished_enrollment_is_audited_and_its_phone_removed() {
    let mut fixture = PushFixture::new().await;
    let alice = fixture.test_app.seed.alice;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    fixture.claim_and_complete(&Claim::scan(&link)).await;
    sweep(&fixture.test_app).await;
    assert_eq!(
        details_of(&fixture.test_app.app, alice, "enrollment.failed").await,
        [] as [Value; 0],
        "it goes on"
    );
    fixture.phone.ask(http::Method::GET, "/device/v1/self", None).await.expect("it waits");
    fixture.test_app.clock.advance(3600);
    sweep(&fixture.test_app).await;
    assert_eq!(
        details_of(&fixture.test_app.app, alice, "enrollment.failed").await,
        [json!({"reason": "expired"})]
    );
    let gone = fixture.phone.ask(http::Method::GET, "/device/v1/self", None).await.expect_err("it is gone");
    assert_eq!(gone.code, "device_revoked");
}

#[tokio::test]
async fn a_new_enrollment_ends_the_one_before() {
    let mut fixture = PushFixture::new().await;
    let alice = fixture.test_app.seed.alice;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    fixture.sign_in(&ask).await;
    let page = fixture.sign_in_with(&mut fixture.test_app.browser(), &ask).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
    assert_eq!(
        details_of(&fixture.test_app.app, alice, "enrollment.failed").await,
        [json!({"reason": "cancelled"})]
    );
    fixture.test_app.clock.advance(3600);
    fixture.sign_in_with(&mut fixture.test_app.browser(), &ask).await;
    let failed = details_of(&fixture.test_app.app, alice, "enrollment.failed").await;
    assert_eq!(failed[1..], [json!({"reason": "expired"})], "its time was over before the next began");
}

#[tokio::test]
async fn a_sign_in_without_a_page_is_audited_like_any_other() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    sign_in(&mut browser, "grace").await.code();
    test_app.clock.advance(1);
    Answer::of(&browser.go(&request("quiet_app", &[])).await).code();
    test_app.clock.advance(1);
    Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).code();
    let succeeded = details_of(&test_app.app, test_app.seed.grace, "sign_in.succeeded").await;
    let how: Vec<_> = succeeded.iter().map(|line| line["how"].as_str().expect("a word")).collect();
    assert_eq!(how, ["proved", "session", "silently"]);
    assert!(succeeded.iter().all(|line| line["amr"] == json!(["pwd"]) && line["acr"] == "1fa"));
}
