//! §6 to §9: requests of a device about itself.

use super::code;
use crate::support::{
    phone::{Act, Phone},
    phone_app::{PHONES, PhoneApp, device_of},
    test_app::HOME,
};
use ::entity::enums::{ChallengeState, OutboxState, TransportState};
use countersign::{
    actions::{deliveries, people},
    factors::push::{OutboxTransition, TransportTransition},
    outbox::Finished,
    storage::{
        Executor, authenticators, challenges,
        outbox::{self, CarrierKind, LeasedRow},
        transports,
    },
};
use futures_util::future::join_all;
use http::{Method, Request};
use hyper::body::Bytes;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Barrier;

const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const ENDPOINT: &str = "https://fcm.googleapis.com/fcm/send/abc";

async fn put_transport(
    phone: &mut Phone,
    endpoint: &str,
    ctr: i64,
) -> Result<Value, crate::support::phone::Problem> {
    let me = phone.ask(Method::GET, "/device/v1/self", None).await?;
    let transport = json!({"kind": "webpush", "endpoint": endpoint, "p256dh": P256DH, "auth": AUTH,
        "vapid_kid": me["vapid_kid"]});
    let body = json!({"transport": transport, "ctr": ctr});
    phone.ask(Method::PUT, "/device/v1/transport", Some(&body)).await
}

#[tokio::test]
async fn a_device_reports_its_name_and_whether_its_storage_is_persistent() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let change = json!({"name": " Pixel\u{202E} 9 ", "persisted": false});
    let me = phone.ask(Method::PATCH, "/device/v1/self", Some(&change)).await.unwrap();
    assert_eq!(
        (&me["name"], &me["persisted"], &me["state"]),
        (&json!("Pixel 9"), &json!(false), &json!("active"))
    );
    assert_eq!(phone.ask(Method::GET, "/device/v1/self", None).await.unwrap(), me);
    let nothing = phone.ask(Method::PATCH, "/device/v1/self", Some(&json!({"name": " "}))).await;
    assert_eq!(code(nothing), "400 invalid_request");
    assert!(phone.ask(Method::PATCH, "/device/v1/self", Some(&json!({}))).await.is_ok());
}

#[tokio::test]
async fn a_device_that_removed_itself_is_answered_device_revoked() {
    let test_app = PhoneApp::new().await;
    let (mut phone, mut other) = (test_app.enrolled().await, test_app.enrolled().await);
    let (mine, ours) = (test_app.ask(&[&phone]).await, test_app.ask(&[&phone, &other]).await);
    phone.ask(Method::DELETE, "/device/v1/self", None).await.unwrap();
    assert_eq!(code(phone.ask(Method::GET, "/device/v1/self", None).await), "401 device_revoked");
    assert_eq!(code(phone.ask(Method::DELETE, "/device/v1/self", None).await), "401 device_revoked");
    assert_eq!(code(phone.answer_unseen(&ours, Act::Deny).await), "401 device_revoked");
    let state = async |cid: &str| {
        challenges::find(&test_app.app.storage, cid.parse().unwrap()).await.unwrap().unwrap().stored_state()
    };
    assert_eq!(
        (state(&mine).await, state(&ours).await),
        (ChallengeState::Superseded, ChallengeState::Pending)
    );
    assert_eq!(other.open_challenges().await, Ok(vec![ours]));
    let device = authenticators::find(&test_app.app.storage, device_of(&phone)).await.unwrap().unwrap();
    assert_eq!(device.totp_seed(), None);
}

/// Leases the queued deliveries, so that no dispatcher sends them.
async fn leased(test_app: &PhoneApp) -> Vec<LeasedRow> {
    let now = test_app.app.now();
    let due = outbox::lease_due(&test_app.app.storage, CarrierKind::WebPush, (now, 10), now.plus_seconds(60));
    due.await.unwrap()
}

/// Ends a delivery as the dispatcher does; `learned` is what it tells of the transport with this counter.
async fn finish(
    test_app: &PhoneApp,
    row: &LeasedRow,
    outcome: OutboxTransition,
    learned: Option<(i64, TransportTransition)>,
) {
    let context = test_app.app.worker_context().await.unwrap();
    let finished = Finished {
        id: row.id,
        workspace: row.workspace,
        recipient: row.recipient.clone(),
        outcome,
        transport: learned,
        letter: None,
        code: "",
        error: None,
        at: test_app.app.now(),
    };
    deliveries::finish(&test_app.app, &context, &finished).await.unwrap();
}

async fn is_reachable(test_app: &PhoneApp, phone: &Phone) -> bool {
    transports::find(&test_app.app.storage, device_of(phone)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_device_removed_elsewhere_is_notified_once_and_its_address_deleted() {
    for outcome in [OutboxTransition::Accept, OutboxTransition::Fail] {
        let test_app = PhoneApp::new().await;
        let (mut reachable, mut silent) = (test_app.enrolled().await, test_app.enrolled().await);
        put_transport(&mut reachable, ENDPOINT, 5).await.unwrap();
        reachable.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await.unwrap();
        let context = test_app.app.command_context().await.unwrap();
        assert_eq!(people::reset_factors(&test_app.app, &context, test_app.person).await.unwrap().removed, 2);
        for phone in [&mut reachable, &mut silent] {
            assert_eq!(code(phone.ask(Method::GET, "/device/v1/self", None).await), "401 device_revoked");
        }
        let [last] =
            leased(&test_app).await.try_into().expect("only the last message, to the reachable phone");
        let about = &last.payload["content"]["countersign"];
        assert_eq!(
            (&about["t"], &about["dev"]),
            (&json!("removed"), &json!(device_of(&reachable).to_string()))
        );
        assert!(is_reachable(&test_app, &reachable).await);
        assert!(!is_reachable(&test_app, &silent).await);
        finish(&test_app, &last, outcome, None).await;
        assert!(!is_reachable(&test_app, &reachable).await, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_message_that_was_cancelled_while_it_was_sent_stays_cancelled() {
    for is_retried in [false, true] {
        let test_app = PhoneApp::new().await;
        let mut phone = test_app.enrolled().await;
        put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
        phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await.unwrap();
        let [message] = leased(&test_app).await.try_into().expect("the test");
        phone.ask(Method::DELETE, "/device/v1/self", None).await.unwrap();
        if is_retried {
            let tx = test_app.app.storage.begin().await.unwrap();
            let row = (message.id, CarrierKind::WebPush);
            outbox::retry(&tx, row, test_app.app.now(), "503").await.unwrap();
            tx.commit().await.unwrap();
        } else {
            finish(&test_app, &message, OutboxTransition::Accept, None).await;
        }
        let row = ::entity::outbox::Entity::find_by_id(message.id).one(test_app.app.storage.connection());
        let row = row.await.unwrap().expect("its row");
        assert_eq!((row.state, row.attempts), (OutboxState::Skipped, 0), "{is_retried}");
    }
}

#[tokio::test]
async fn a_device_that_removed_itself_gets_no_push_and_a_test_keeps_an_active_one_reachable() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    let test = json!({});
    phone.ask(Method::POST, "/device/v1/transport/test", Some(&test)).await.unwrap();
    let [message] = leased(&test_app).await.try_into().expect("the test");
    finish(&test_app, &message, OutboxTransition::Accept, None).await;
    assert!(is_reachable(&test_app, &phone).await);
    phone.ask(Method::POST, "/device/v1/transport/test", Some(&test)).await.unwrap();
    phone.ask(Method::DELETE, "/device/v1/self", None).await.unwrap();
    assert!(!is_reachable(&test_app, &phone).await);
    assert!(leased(&test_app).await.is_empty());
}

#[tokio::test]
async fn devices_are_suspended_while_their_person_is_disabled() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let disable = async |since| {
        let tx = test_app.app.storage.begin().await.unwrap();
        countersign::storage::people::save_disabled(&tx, test_app.person, since).await.unwrap();
        tx.commit().await.unwrap();
    };
    disable(Some(test_app.app.now())).await;
    assert_eq!(code(phone.open_challenges().await), "403 device_not_active suspended");
    assert_eq!(code(phone.answer_unseen(&cid, Act::Deny).await), "403 device_not_active suspended");
    disable(None).await;
    assert_eq!(phone.answer_unseen(&cid, Act::Deny).await.as_deref(), Ok("denied"));
}

#[tokio::test]
async fn the_transport_with_the_higher_counter_stays() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let set = put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    assert_eq!(
        (&set["transport"]["kind"], &set["transport"]["state"]),
        (&json!("webpush"), &json!("untried"))
    );
    assert_eq!(put_transport(&mut phone, ENDPOINT, 5).await.unwrap(), set);
    let other = "https://fcm.googleapis.com/fcm/send/other";
    for ctr in [4, 5] {
        assert_eq!(code(put_transport(&mut phone, other, ctr).await), "409 stale_transport");
    }
    let moved = put_transport(&mut phone, other, 6).await.unwrap();
    assert_ne!(moved["transport"]["endpoint_sha256"], set["transport"]["endpoint_sha256"]);
    let me = phone.ask(Method::GET, "/device/v1/self", None).await.unwrap();
    assert_eq!(me["transport"], moved["transport"]);
    assert_eq!(test_app.count_events("transport.changed").await, 2);
}

#[tokio::test]
async fn a_transport_goes_only_where_the_server_may_call() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    for (endpoint, reason) in [
        ("https://10.0.0.1/push", "address_refused"),
        ("http://fcm.googleapis.com/a", "endpoint_not_https"),
        ("https://push.evil.example/a", "host_refused"),
    ] {
        let refused = put_transport(&mut phone, endpoint, 5).await;
        assert_eq!(refused.clone().unwrap_err().reason.as_deref(), Some(reason), "{endpoint}");
        assert_eq!(code(refused), "422 endpoint_refused", "{endpoint}");
    }
    let half = json!({"transport": {"kind": "webpush", "endpoint": ENDPOINT}, "ctr": 5});
    assert_eq!(
        code(phone.ask(Method::PUT, "/device/v1/transport", Some(&half)).await),
        "400 invalid_request"
    );
    let none = json!({"transport": {"kind": "none"}, "ctr": 5});
    let set = phone.ask(Method::PUT, "/device/v1/transport", Some(&none)).await.unwrap();
    assert_eq!((&set["transport"]["kind"], &set["transport"]["vapid_kid"]), (&json!("none"), &Value::Null));
}

#[tokio::test]
async fn a_test_push_needs_a_transport_and_three_an_hour_are_enough() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let test = async |phone: &mut Phone| {
        phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await
    };
    assert_eq!(code(test(&mut phone).await), "409 no_transport");
    put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    for _ in 0..3 {
        assert!(test(&mut phone).await.is_ok());
    }
    assert_eq!(code(test(&mut phone).await), "429 too_many_requests");
    test_app.clock.advance(3600);
    assert!(test(&mut phone).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_of_many_simultaneous_test_pushes_are_sent() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    let path = "/device/v1/transport/test";
    let proof = phone.proof(&Method::POST, path, b"{}", false);
    let (http_client, barrier) = (test_app.http_client(PHONES), Arc::new(Barrier::new(12)));
    let asked = (0..12).map(|_| {
        let request = Request::post(format!("{HOME}{path}")).header("device-proof", &proof);
        let request = request.header("content-type", "application/json").body(Bytes::from("{}")).unwrap();
        let (http_client, barrier) = (http_client.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            http_client.send(request).await.status().as_u16()
        })
    });
    let mut answered: Vec<_> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
    answered.sort_unstable();
    assert_eq!(answered, [[202; 3].as_slice(), &[429; 9]].concat());
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_not_tried_out() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    let tx = test_app.app.storage.begin().await.unwrap();
    let gone = TransportTransition::Lose;
    transports::note(&tx, (device_of(&phone), 5), gone, Some("410"), test_app.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    let test = async |phone: &mut Phone| {
        phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await
    };
    assert_eq!(code(test(&mut phone).await), "409 no_transport");
    put_transport(&mut phone, ENDPOINT, 6).await.unwrap();
    assert!(test(&mut phone).await.is_ok());
}

#[tokio::test]
async fn a_late_outcome_changes_neither_a_transport_that_is_gone_nor_a_newer_one() {
    use TransportTransition::{Accept, Lose, Suspect};
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let state = async |phone: &Phone| {
        transports::find(&test_app.app.storage, device_of(phone)).await.unwrap().unwrap().state()
    };
    put_transport(&mut phone, ENDPOINT, 5).await.unwrap();
    for _ in 0..3 {
        phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await.unwrap();
    }
    let [first, second, third] = leased(&test_app).await.try_into().expect("three tests");
    finish(&test_app, &first, OutboxTransition::Lose, Some((5, Lose))).await;
    assert_eq!(state(&phone).await, TransportState::Gone);
    finish(&test_app, &second, OutboxTransition::Accept, Some((5, Accept))).await;
    assert_eq!(state(&phone).await, TransportState::Gone, "an acceptance that was sent before");

    put_transport(&mut phone, &format!("{ENDPOINT}d"), 6).await.unwrap();
    finish(&test_app, &third, OutboxTransition::Lose, Some((5, Lose))).await;
    assert_eq!(state(&phone).await, TransportState::Untried, "the outcome is that of the former address");
    test_app.clock.advance(3600);
    phone.ask(Method::POST, "/device/v1/transport/test", Some(&json!({}))).await.unwrap();
    let [fourth] = leased(&test_app).await.try_into().expect("a test");
    finish(&test_app, &fourth, OutboxTransition::Fail, Some((6, Suspect))).await;
    assert_eq!(state(&phone).await, TransportState::Suspect, "and this one is its own");
}

/// The body that replaces the key of `old` by that of `new`.
fn rotation(old: &Phone, new: &Phone) -> Value {
    let account = old.account.clone().unwrap();
    let inner = new.sign_as(
        "countersign-rotate+jwt",
        &json!({"aud": account.issuer, "dev": account.device_id, "old_kid": old.kid(), "new_jwk": new.jwk(), "iat": 1}),
    );
    let outer = json!({"aud": account.issuer, "iss": account.device_id, "inner": inner, "iat": 1});
    json!({"jws": old.sign_as("countersign-rotate+jwt", &outer)})
}

#[tokio::test]
async fn a_key_hands_over_once_and_the_same_bytes_get_the_same_reply() {
    let test_app = PhoneApp::new().await;
    let mut old = test_app.enrolled().await;
    let (mut new, other) = (test_app.phone(), test_app.phone());
    let (first, second) = (rotation(&old, &new), rotation(&old, &other));
    let rotate = async |body: &Value| test_app.phone().ask(Method::POST, "/device/v1/key", Some(body)).await;
    let before = old.sign_counted(&test_app.ask(&[&old]).await, None, Act::Deny, 1);
    assert_eq!(old.post(&before).await.as_deref(), Ok("denied"));
    for _ in 0..2 {
        assert_eq!(rotate(&first).await.unwrap()["kid"], new.kid());
    }
    assert_eq!(code(rotate(&second).await), "401 device_unknown");
    assert_eq!(code(old.open_challenges().await), "401 device_unknown");
    new.account = old.account.clone();
    let again = new.sign_counted(&test_app.ask(&[&new]).await, None, Act::Deny, 1);
    assert_eq!(new.post(&again).await.as_deref(), Ok("denied"), "counters begin again");
    assert_eq!(test_app.count_events("device.key_rotated").await, 1);
}

#[tokio::test]
async fn a_key_in_use_is_refused_as_a_new_key() {
    let test_app = PhoneApp::new().await;
    let (one, two) = (test_app.enrolled().await, test_app.enrolled().await);
    let rotate = async |body: &Value| test_app.phone().ask(Method::POST, "/device/v1/key", Some(body)).await;
    assert_eq!(code(rotate(&rotation(&one, &two)).await), "409 key_conflict");
    assert_eq!(code(rotate(&json!({"jws": "nonsense"})).await), "400 invalid_request");
    let fresh = test_app.phone();
    let mut stranger = test_app.phone();
    stranger.account = one.account.clone();
    assert_eq!(code(rotate(&rotation(&stranger, &fresh)).await), "401 device_unknown");
    assert!(rotate(&rotation(&one, &fresh)).await.is_ok());
}

#[tokio::test]
async fn knowing_a_device_id_is_not_enough_to_suspend_the_device() {
    let test_app = PhoneApp::new().await;
    let (mut phone, mut stranger, fresh) = (test_app.enrolled().await, test_app.phone(), test_app.phone());
    stranger.account = phone.account.clone();
    let state = async |phone: &mut Phone| {
        phone.ask(Method::GET, "/device/v1/self", None).await.unwrap()["state"].as_str().unwrap().to_owned()
    };
    let ten_times = async |body: &Value| {
        for _ in 0..10 {
            let rotated = test_app.phone().ask(Method::POST, "/device/v1/key", Some(body)).await;
            assert_eq!(code(rotated), "401 device_unknown");
        }
    };
    ten_times(&rotation(&stranger, &fresh)).await;
    assert_eq!(state(&mut phone).await, "active");
    let good = rotation(&phone, &fresh)["jws"].as_str().unwrap().to_owned();
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86));
    ten_times(&json!({ "jws": forged })).await;
    assert_eq!(state(&mut phone).await, "suspended");
}

#[tokio::test]
async fn a_device_without_a_credential_gets_one_and_keeps_it() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await.with_fingerprint_reader();
    let options = async |phone: &mut Phone| {
        phone.ask(Method::POST, "/device/v1/uv-credential/options", Some(&json!({}))).await
    };
    let begun = options(&mut phone).await.unwrap();
    let response = phone.register_passkey(&begun["webauthn"]);
    let put = async |phone: &mut Phone, ceremony: &Value, uv: &Value| {
        let body = json!({"ceremony": ceremony, "uv": uv});
        phone.ask(Method::PUT, "/device/v1/uv-credential", Some(&body)).await
    };
    let other = options(&mut phone).await.unwrap();
    assert_eq!(code(put(&mut phone, &other["ceremony"], &response).await), "422 uv_invalid");
    assert_eq!(code(put(&mut phone, &json!("nonsense"), &response).await), "400 invalid_request");
    let set = put(&mut phone, &begun["ceremony"], &response).await.unwrap();
    assert_eq!(put(&mut phone, &begun["ceremony"], &response).await.unwrap(), set);
    let second = phone.register_passkey(&other["webauthn"]);
    assert_eq!(code(put(&mut phone, &other["ceremony"], &second).await), "409 credential_exists");
    assert_eq!(code(options(&mut phone).await), "409 credential_exists");
    let me = phone.ask(Method::GET, "/device/v1/self", None).await.unwrap();
    assert_eq!(me["uv_credential"], set["uv_credential"]);
}

#[tokio::test]
async fn a_ceremony_is_over_after_five_minutes() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await.with_fingerprint_reader();
    let begun = phone.ask(Method::POST, "/device/v1/uv-credential/options", Some(&json!({}))).await.unwrap();
    let response = phone.register_passkey(&begun["webauthn"]);
    test_app.clock.advance(300);
    let body = json!({"ceremony": begun["ceremony"], "uv": response});
    let late = phone.ask(Method::PUT, "/device/v1/uv-credential", Some(&body)).await;
    assert_eq!(code(late), "400 invalid_request");
}
