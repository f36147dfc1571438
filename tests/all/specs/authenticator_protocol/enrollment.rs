//! §4: enrollment.

use super::code;
use crate::support::{
    phone::Claim,
    phone_app::{PhoneApp, device_of},
};
use ::entity::enums::TransportKind;
use countersign::{
    directory::{FactorKind, PoolPolicy, PushPolicy, UserVerification},
    storage::{authenticators, transports},
};
use http::Method;
use serde_json::{Value, json};

const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn webpush(endpoint: &str, offer: &Value) -> Value {
    json!({"kind": "webpush", "endpoint": endpoint, "p256dh": P256DH, "auth": AUTH,
           "vapid_kid": offer["vapid_kid"]})
}

#[tokio::test]
async fn a_phone_claims_completes_and_is_active_once_the_code_was_typed() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    let operator = test_app.app.directory.root().await.unwrap().workspace.display_name.clone();
    assert_eq!(
        (&offer.whole["issuer"], &offer.whole["display_name"], &offer.whole["account"]),
        (&json!("http://localhost:8080"), &json!(operator), &json!("alice@example.com"))
    );
    let policy = json!({"user_verification": "preferred", "number_digits": 2, "totp": true});
    assert_eq!(offer.whole["policy"], policy);
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("claimed"));

    let transport = webpush("https://fcm.googleapis.com/fcm/send/abc", &offer.whole);
    let typed = phone.complete(&offer, &transport).await.unwrap();
    assert_eq!((typed.len(), phone.totp_code().len()), (6, 6));
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("completed"));
    assert_eq!(code(phone.open_challenges().await), "403 device_not_active pending_confirm");
    let me = phone.ask(Method::GET, "/device/v1/self", None).await.unwrap();
    assert_eq!((&me["state"], &me["transport"]["kind"]), (&json!("pending_confirm"), &json!("webpush")));

    test_app.confirm(offered.id).await;
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("confirmed"));
    assert_eq!(phone.open_challenges().await, Ok(vec![]));
    for event in ["enrollment.claimed", "enrollment.completed"] {
        assert_eq!(test_app.count_events(event).await, 1, "{event}");
    }
}

#[tokio::test]
async fn a_typed_code_leads_to_the_same_enrollment_however_it_is_written() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let typed = format!("{} {}", &offered.code[..5].to_lowercase(), &offered.code[5..]);
    let offer = phone.claim(&Claim::Code(typed)).await.unwrap();
    assert_eq!(offer.enrollment, offered.id.to_string());
}

#[tokio::test]
async fn the_first_key_has_the_enrollment_and_gets_the_same_offer_again() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let claim = Claim::scan(&offered.link);
    let (mut first, mut second) = (test_app.phone(), test_app.phone());
    let offer = first.claim(&claim).await.unwrap();
    assert_eq!(first.claim(&claim).await.unwrap().whole, offer.whole);
    assert_eq!(code(second.claim(&claim).await), "409 already_claimed");
    assert_eq!(test_app.count_events("enrollment.contested").await, 1);
    assert_eq!(code(second.enrollment_state(&offer).await), "404 enrollment_unknown");
    assert_eq!(code(second.complete(&offer, &json!({"kind": "none"})).await), "401 device_unknown");
    assert!(first.complete(&offer, &json!({"kind": "none"})).await.is_ok());
    assert_eq!(code(first.claim(&claim).await), "409 enrollment_closed completed");
    assert_eq!(code(second.claim(&claim).await), "409 already_claimed");
}

#[tokio::test]
async fn ten_wrong_claims_end_the_enrollment_and_no_other_one_of_the_address() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let wrong = Claim::Link { enrollment: offered.id.to_string(), secret: "x".repeat(43) };
    let mut phone = test_app.phone();
    for _ in 0..10 {
        assert_eq!(code(phone.claim(&wrong).await), "404 enrollment_unknown");
    }
    assert_eq!(code(phone.claim(&Claim::scan(&offered.link)).await), "409 enrollment_closed failed");
    assert_eq!(test_app.count_events("enrollment.failed").await, 1);
    let another = test_app.offer().await;
    assert!(phone.claim(&Claim::scan(&another.link)).await.is_ok());
}

#[tokio::test]
async fn mistyped_codes_of_one_person_do_not_stop_the_others_at_the_same_address() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.phone();
    for attempt in 0..100 {
        let wrong = phone.claim(&Claim::Code("00000-00000".to_owned())).await;
        assert_eq!(code(wrong), "404 enrollment_unknown", "{attempt}");
        // The requests of one key have a limit of their own.
        if attempt % 50 == 0 {
            phone = test_app.phone();
        }
        if attempt == 20 {
            let offered = test_app.offer().await;
            assert!(test_app.phone().claim(&Claim::Code(offered.code)).await.is_ok());
        }
    }
    let offered = test_app.offer().await;
    let mut other = test_app.phone();
    assert_eq!(code(other.claim(&Claim::Code(offered.code)).await), "429 too_many_requests");
    test_app.clock.advance(600);
    let offered = test_app.offer().await;
    assert!(other.claim(&Claim::Code(offered.code)).await.is_ok());
}

#[tokio::test]
async fn each_step_has_its_time() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    test_app.clock.advance(600);
    let mut phone = test_app.phone();
    assert_eq!(code(phone.claim(&Claim::scan(&offered.link)).await), "410 enrollment_expired");

    let offered = test_app.offer().await;
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    test_app.clock.advance(600);
    assert_eq!(code(phone.complete(&offer, &json!({"kind": "none"})).await), "410 enrollment_expired");
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("expired"));

    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
    test_app.clock.advance(300);
    assert_eq!(phone.enrollment_state(&offer).await.as_deref(), Ok("expired"));
}

#[tokio::test]
async fn the_same_completion_gets_the_same_reply_until_it_is_confirmed_and_another_does_not() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    let completion = |name: &str| {
        let payload = json!({"aud": offer.issuer, "enr": offer.enrollment, "nonce": offer.whole["nonce"],
            "jwk": phone.jwk(), "name": name, "platform": "Test", "transport": {"kind": "none"}, "iat": 1});
        json!({"jws": phone.sign_as("countersign-enroll+jwt", &payload)})
    };
    let (same, other) = (completion("Pixel"), completion("Other"));
    let path = format!("/device/v1/enrollments/{}/complete", offered.id);
    let post = async |body: &Value| test_app.phone().ask(Method::POST, &path, Some(body)).await;
    let first = post(&same).await.unwrap();
    assert_eq!(post(&same).await.unwrap(), first);
    assert_eq!(code(post(&other).await), "409 enrollment_closed completed");
    test_app.confirm(offered.id).await;
    assert_eq!(code(post(&same).await), "409 enrollment_closed confirmed");
    let none = path.replace(&offered.id.to_string(), "enr_AAAAAAAAAAAAAAAAAAAAAQ");
    assert_eq!(code(test_app.phone().ask(Method::POST, &none, Some(&same)).await), "404 enrollment_unknown");
}

#[tokio::test]
async fn a_completion_must_be_for_this_offer() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    for (member, wrong) in [("issuer", "https://other.example"), ("nonce", "another")] {
        let mut changed = offer.clone();
        changed.whole[member] = wrong.into();
        if member == "issuer" {
            changed.issuer = wrong.to_owned();
        }
        assert_eq!(code(phone.complete(&changed, &json!({"kind": "none"})).await), "400 invalid_request");
    }
    assert!(phone.complete(&offer, &json!({"kind": "none"})).await.is_ok());
}

#[tokio::test]
async fn an_endpoint_that_may_not_be_called_does_not_hold_an_enrollment_up() {
    let test_app = PhoneApp::new().await;
    for (endpoint, kind, reason) in [
        ("https://fcm.googleapis.com/fcm/send/abc", TransportKind::Webpush, Value::Null),
        ("https://jmt17.google.com/fcm/send/abc", TransportKind::Webpush, Value::Null),
        ("https://127.0.0.1/push", TransportKind::None, json!("address_refused")),
        ("http://fcm.googleapis.com/fcm/send/abc", TransportKind::None, json!("endpoint_not_https")),
        ("https://push.evil.example/abc", TransportKind::None, json!("host_refused")),
    ] {
        let offered = test_app.offer().await;
        let mut phone = test_app.phone();
        let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
        let reply = phone.complete_whole(&offer, &webpush(endpoint, &offer.whole)).await.unwrap();
        assert_eq!(reply["transport_reason"], reason, "{endpoint}");
        let me = phone.ask(Method::GET, "/device/v1/self", None).await.unwrap();
        assert_eq!(me["transport"]["reason"], reason, "{endpoint}");
        let stored = transports::find(&test_app.app.storage, device_of(&phone)).await.unwrap().unwrap();
        assert_eq!(stored.kind(), kind, "{endpoint}");
    }
}

#[tokio::test]
async fn user_verification_is_registered_and_where_it_is_required_nothing_goes_without() {
    let push = PushPolicy { user_verification: UserVerification::Required, ..PushPolicy::default() };
    let test_app = PhoneApp::with_push(push).await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    assert_eq!(code(phone.complete(&offer, &json!({"kind": "none"})).await), "422 uv_required");

    let mut phone = phone.with_fingerprint_reader();
    let mut elsewhere = offer.clone();
    elsewhere.whole["webauthn"]["challenge"] = "AAAA".into();
    assert_eq!(code(phone.complete(&elsewhere, &json!({"kind": "none"})).await), "422 uv_invalid");
    phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
    let device = authenticators::find(&test_app.app.storage, device_of(&phone)).await.unwrap().unwrap();
    assert!(device.uv_credential().is_some());
}

#[tokio::test]
async fn an_enrollment_offers_only_what_the_policy_allows() {
    let push = PushPolicy { user_verification: UserVerification::Off, ..PushPolicy::default() };
    let second_factors = vec![FactorKind::Push];
    let test_app = PhoneApp::with_policy(PoolPolicy { push, second_factors, ..PoolPolicy::default() }).await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    assert_eq!((&offer.whole["webauthn"], &offer.whole["policy"]["totp"]), (&Value::Null, &json!(false)));
    phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
    assert_eq!(phone.account.as_ref().unwrap().otpauth_uri, None);
}

#[tokio::test]
async fn a_key_belongs_to_one_account() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let offered = test_app.offer().await;
    assert_eq!(code(phone.claim(&Claim::scan(&offered.link)).await), "409 key_conflict");
    assert!(test_app.phone().claim(&Claim::scan(&offered.link)).await.is_ok());
}
