//! §5.3: the QR code of a challenge instead of its number.

use super::code;
use crate::support::{
    phone::Act,
    phone_app::{PhoneApp, QR},
};
use countersign::directory::{PushPolicy, UserVerification};
use serde_json::json;

fn qr(cid: &str, nonce: &str) -> String {
    format!("http://localhost:8080/authenticator/#c={cid}.{nonce}")
}

#[tokio::test]
async fn a_challenge_is_approved_with_the_code_of_its_browser() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    assert_eq!(challenge.details["binding"], json!(["number", "qr"]));
    let scanned = phone.sign(&cid, Some(&challenge), Act::Scan(&qr(&cid, QR)));
    for _ in 0..2 {
        assert_eq!(phone.post(&scanned).await.as_deref(), Ok("approved"));
    }
    let events = test_app.details_of("challenge.approved").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["binding"], "qr");
}

#[tokio::test]
async fn another_code_denies_once_and_for_all() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let wrong = phone.sign(&cid, Some(&challenge), Act::Scan(&qr(&cid, "AAAAAAAAAAAAAAAAAAAAAA")));
    for _ in 0..2 {
        assert_eq!(code(phone.post(&wrong).await), "422 number_mismatch denied");
    }
    let right = qr(&cid, QR);
    assert_eq!(code(phone.answer(&challenge, Act::Scan(&right)).await), "409 challenge_closed denied");
    assert_eq!(test_app.details_of("challenge.mismatched").await[0]["binding"], "qr");
}

#[tokio::test]
async fn a_code_of_the_wrong_form_costs_nothing() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    for nonce in ["", "07", "ICEiIyQlJicoKSorLC0uL", "ICEiIyQlJicoKSorLC0uLw=="] {
        let answer = phone.answer(&challenge, Act::Scan(&qr(&cid, nonce))).await;
        assert_eq!(code(answer), "400 invalid_answer", "{nonce}");
    }
    assert_eq!(phone.answer(&challenge, Act::Scan(&qr(&cid, QR))).await.as_deref(), Ok("approved"));
}

#[tokio::test]
async fn an_approval_comes_by_one_way_only() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let account = phone.account.clone().unwrap();
    let mut core =
        json!({"aud": account.issuer, "iss": account.device_id, "cid": cid, "act": "approve", "ctr": 1});
    core["chn"] = challenge.whole["chn"].clone();
    core["dh"] =
        countersign::factors::push::details::hash(challenge.whole["details"].as_str().unwrap()).into();
    (core["num"], core["qr"]) = ("07".into(), QR.into());
    let core = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, core.to_string());
    let body = json!({"jws": phone.sign_as("countersign-answer+jwt", &json!({"core": core}))});
    let path = format!("/device/v1/challenges/{cid}/answer");
    assert_eq!(code(phone.ask(http::Method::POST, &path, Some(&body)).await), "400 invalid_answer");
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
}

#[tokio::test]
async fn where_the_policy_has_no_code_the_number_is_the_only_way() {
    let push = PushPolicy { qr: false, ..PushPolicy::default() };
    let test_app = PhoneApp::with_push(push).await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    assert_eq!(challenge.details["binding"], json!(["number"]));
    let scanned = qr(&cid, QR);
    assert_eq!(code(phone.answer(&challenge, Act::Scan(&scanned)).await), "400 invalid_answer");
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
}

#[tokio::test]
async fn a_scanned_code_does_not_stand_in_for_the_verified_user() {
    let push = PushPolicy { user_verification: UserVerification::Required, ..PushPolicy::default() };
    let test_app = PhoneApp::with_push(push).await;
    let mut phone = test_app.phone().with_fingerprint_reader();
    test_app.enroll(&mut phone).await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let mut bare = challenge.clone();
    bare.whole["uv"]["options"] = serde_json::Value::Null;
    assert_eq!(code(phone.answer(&bare, Act::Scan(&qr(&cid, QR))).await), "422 uv_required");
    assert_eq!(phone.answer(&challenge, Act::Scan(&qr(&cid, QR))).await.as_deref(), Ok("approved"));
}
