//! §2: the problem documents, with the sentences that tell an authenticator's developer what was wrong.

use crate::support::{
    phone::{Act, Claim, Phone, Problem},
    phone_app::PhoneApp,
    snapshot::problem,
};
use http::Method;
use serde_json::{Value, json};

const SELF: &str = "/device/v1/self";
const TRANSPORT: &str = "/device/v1/transport";

/// Status, code, state and detail of a problem on one line.
fn line<T: std::fmt::Debug>(answer: Result<T, Problem>) -> String {
    let Problem { status, code, state, document, .. } = answer.expect_err("a problem");
    let state = state.map(|state| format!(" ({state})")).unwrap_or_default();
    format!("{} {code}{state}: {}", status.as_u16(), document["detail"].as_str().expect("a detail"))
}

#[tokio::test]
async fn a_refused_answer_is_described() {
    let test_app = PhoneApp::new().await;
    let (mut phone, mut other) = (test_app.enrolled().await, test_app.enrolled().await);
    let cid = test_app.ask(&[&phone]).await;
    insta::assert_snapshot!(line(other.fetch(&cid).await), @"404 challenge_unknown: this device has no such challenge");
    insta::assert_snapshot!(line(other.answer_unseen(&cid, Act::Deny).await), @"404 challenge_unknown: this device has no such challenge");
    insta::assert_snapshot!(line(phone.answer_unseen(&cid, Act::Approve("07")).await), @"400 answer_mismatch: chn or dh does not belong to this challenge; fetch it again");
    let challenge = phone.fetch(&cid).await.unwrap();
    insta::assert_snapshot!(line(phone.answer(&challenge, Act::Approve("7")).await), @"400 invalid_answer: num must have exactly number_digits decimal digits");
    let mismatch = phone.answer(&challenge, Act::Approve("08")).await.unwrap_err();
    insta::assert_snapshot!(problem(&mismatch), @r#"
    {
      "code": "number_mismatch",
      "detail": "that is not what the browser shows, and there is no second attempt. If this was you, start again in the browser. If it was not, change your password.",
      "request_id": "<request_id>",
      "state": "denied",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(line(phone.answer(&challenge, Act::Approve("07")).await), @"409 challenge_closed (denied): the challenge was answered or withdrawn; see `state`");

    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    test_app.clock.advance(90);
    insta::assert_snapshot!(line(phone.answer(&challenge, Act::Approve("07")).await), @"410 challenge_expired: the challenge has expired; start again in the browser");

    let (first, second) = (test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await);
    let denial = phone.sign_counted(&first, None, Act::Deny, 99);
    let copied = phone.sign_counted(&second, None, Act::Deny, 99);
    assert_eq!(phone.post(&denial).await.as_deref(), Ok("denied"));
    insta::assert_snapshot!(problem(&phone.post(&copied).await.unwrap_err()), @r#"
    {
      "code": "device_not_active",
      "detail": "the device is not confirmed yet, or is suspended; see `state`",
      "request_id": "<request_id>",
      "state": "suspended",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn a_refused_enrollment_is_described() {
    let test_app = PhoneApp::new().await;
    let (offered, none) = (test_app.offer().await, json!({"kind": "none"}));
    let claim = Claim::scan(&offered.link);
    let wrong = Claim::Link { enrollment: offered.id.to_string(), secret: "x".repeat(43) };
    let (mut phone, mut other) = (test_app.phone(), test_app.phone());
    insta::assert_snapshot!(line(phone.claim(&wrong).await), @"404 enrollment_unknown: no open enrollment has this id and secret, code or key");
    let offer = phone.claim(&claim).await.unwrap();
    insta::assert_snapshot!(line(other.claim(&claim).await), @"409 already_claimed: another key claimed this enrollment first");
    let mut changed = offer.clone();
    changed.whole["nonce"] = "another".into();
    insta::assert_snapshot!(line(phone.complete(&changed, &none).await), @"400 invalid_request: aud, enr and nonce must be those of the offer");
    phone.complete(&offer, &none).await.unwrap();
    insta::assert_snapshot!(problem(&phone.claim(&claim).await.unwrap_err()), @r#"
    {
      "code": "enrollment_closed",
      "detail": "the enrollment is past this step",
      "request_id": "<request_id>",
      "state": "completed",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(line(phone.open_challenges().await), @"403 device_not_active (pending_confirm): the device is not confirmed yet, or is suspended; see `state`");
    test_app.confirm(offered.id).await;
    let offered = test_app.offer().await;
    insta::assert_snapshot!(line(phone.claim(&Claim::scan(&offered.link)).await), @"409 key_conflict: this key is enrolled already; make a new one for each account");
    test_app.clock.advance(600);
    insta::assert_snapshot!(line(other.claim(&Claim::scan(&offered.link)).await), @"410 enrollment_expired: the enrollment has expired; start again in the browser");
}

#[tokio::test]
async fn a_refused_request_of_a_device_is_described() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let me = phone.ask(Method::GET, SELF, None).await.unwrap();
    let webpush = |endpoint: &str, ctr: i64| {
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let transport = json!({"kind": "webpush", "endpoint": endpoint, "p256dh": key,
            "auth": "BTBZMqHH6r4Tts7J_aSIgg", "vapid_kid": me["vapid_kid"]});
        json!({"transport": transport, "ctr": ctr})
    };
    let test = async |phone: &mut Phone| {
        phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await
    };
    let put = async |phone: &mut Phone, body: Value| phone.ask(Method::PUT, TRANSPORT, Some(&body)).await;
    insta::assert_snapshot!(line(test(&mut phone).await), @"409 no_transport: the device has no working transport; set one first");
    let refused = put(&mut phone, webpush("https://10.0.0.1/push", 5)).await.unwrap_err();
    insta::assert_snapshot!(problem(&refused), @r#"
    {
      "code": "endpoint_refused",
      "detail": "the endpoint must have a public host, and neither a user name nor a password",
      "reason": "address_refused",
      "request_id": "<request_id>",
      "status": 422,
      "title": "Unprocessable Entity",
      "type": "about:blank"
    }
    "#);
    let endpoint = "https://fcm.googleapis.com/fcm/send/abc";
    put(&mut phone, webpush(endpoint, 5)).await.unwrap();
    insta::assert_snapshot!(line(put(&mut phone, webpush("https://fcm.googleapis.com/b", 4)).await), @"409 stale_transport: another transport was set with the same or a higher ctr");
    for _ in 0..3 {
        test(&mut phone).await.unwrap();
    }
    insta::assert_snapshot!(line(test(&mut phone).await), @"429 too_many_requests: wait 3600 s before the next request");
    insta::assert_snapshot!(line(phone.ask(Method::PATCH, SELF, Some(&json!({"name": " "}))).await), @"400 invalid_request: name must have 1 to 64 printable characters");
    insta::assert_snapshot!(line(test_app.phone().ask(Method::GET, SELF, None).await), @"401 device_unknown: no device has proven this key");
    phone.ask(Method::DELETE, SELF, None).await.unwrap();
    insta::assert_snapshot!(problem(&phone.ask(Method::GET, SELF, None).await.unwrap_err()), @r#"
    {
      "code": "device_revoked",
      "detail": "this device was removed",
      "request_id": "<request_id>",
      "status": 401,
      "title": "Unauthorized",
      "type": "about:blank"
    }
    "#);
}
