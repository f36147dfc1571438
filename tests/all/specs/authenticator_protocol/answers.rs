//! §5: challenges.

use super::code;
use crate::support::{
    phone::{Act, Phone},
    phone_app::{AnyState, PhoneApp, device_of},
};
use ::entity::enums::{AuthenticatorState, ChallengeState};
use countersign::{
    clock::Clock,
    directory::{PushPolicy, UserVerification},
    storage::{authenticators, challenges, journeys},
};
use http::Method;
use serde_json::{Value, json};

async fn row(test_app: &PhoneApp, cid: &str) -> challenges::Challenge {
    challenges::find(&test_app.app.storage, cid.parse().unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_fetched_challenge_is_approved_with_the_number_of_the_browser() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    assert_eq!(phone.open_challenges().await, Ok(vec![cid.clone()]));
    assert_eq!(row(&test_app, &cid).await.stored_state(), ChallengeState::Pending);
    let challenge = phone.fetch(&cid).await.unwrap();
    assert_eq!(row(&test_app, &cid).await.stored_state(), ChallengeState::Delivered);
    assert_eq!(
        (&challenge.whole["state"], &challenge.details["app"]["name"]),
        (&json!("delivered"), &json!("Notes"))
    );
    assert_eq!(challenge.whole["actions"], json!(["approve", "deny", "report"]));
    assert_eq!(phone.fetch(&cid).await.unwrap().whole, challenge.whole);
    assert_eq!(test_app.count_events("challenge.delivered").await, 1);

    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
    let stored = row(&test_app, &cid).await;
    assert_eq!(
        (stored.stored_state(), stored.answered_by()),
        (ChallengeState::Approved, Some(device_of(&phone)))
    );
    assert_eq!(stored.consume_by(), Some(test_app.clock.now().plus_seconds(60)));
    assert_eq!(stored.user_verified(), Some(false));
    assert_eq!(phone.open_challenges().await, Ok(vec![]));
    assert_eq!(phone.fetch(&cid).await.unwrap().whole["actions"], json!(["report"]));
    test_app.clock.advance(60);
    let over = phone.fetch(&cid).await.unwrap().whole;
    assert_eq!(
        (&over["state"], &over["details"], &over["chn"]),
        (&json!("expired"), &Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_wrong_number_denies_once_and_for_all_and_the_same_bytes_get_the_same_reply() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let wrong = phone.sign(&cid, Some(&challenge), Act::Approve("08"));
    for _ in 0..2 {
        assert_eq!(code(phone.post(&wrong).await), "422 number_mismatch denied");
    }
    assert_eq!(code(phone.answer(&challenge, Act::Approve("07")).await), "409 challenge_closed denied");
    assert_eq!(row(&test_app, &cid).await.reason(), Some("number_mismatch"));
    assert_eq!(test_app.count_events("challenge.mismatched").await, 1);
}

#[tokio::test]
async fn a_number_of_the_wrong_form_costs_nothing() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    for number in ["7", "007", "0a"] {
        assert_eq!(code(phone.answer(&challenge, Act::Approve(number)).await), "400 invalid_answer");
    }
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
}

#[tokio::test]
async fn an_answer_for_details_that_were_not_shown_is_refused() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    assert_eq!(code(phone.answer_unseen(&cid, Act::Approve("07")).await), "400 answer_mismatch");
    let challenge = phone.fetch(&cid).await.unwrap();
    let mut other = challenge.clone();
    other.whole["chn"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    assert_eq!(code(phone.answer(&other, Act::Approve("07")).await), "400 answer_mismatch");
    let mut other = challenge.clone();
    other.whole["details"] = "{}".into();
    assert_eq!(code(phone.answer(&other, Act::Deny).await), "400 answer_mismatch");
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
}

#[tokio::test]
async fn a_challenge_belongs_to_its_devices_and_expires() {
    let test_app = PhoneApp::new().await;
    let (mut asked, mut other) = (test_app.enrolled().await, test_app.enrolled().await);
    let cid = test_app.ask(&[&asked]).await;
    assert_eq!(code(other.fetch(&cid).await), "404 challenge_unknown");
    assert_eq!(code(other.answer_unseen(&cid, Act::Deny).await), "404 challenge_unknown");
    assert_eq!(code(asked.fetch("ch_nonsense").await), "404 challenge_unknown");
    let challenge = asked.fetch(&cid).await.unwrap();
    test_app.clock.advance(90);
    assert_eq!(code(asked.answer(&challenge, Act::Approve("07")).await), "410 challenge_expired");
    let cid = test_app.ask(&[&asked]).await;
    assert_eq!(asked.answer_unseen(&cid, Act::Deny).await.as_deref(), Ok("denied"));
}

#[tokio::test]
async fn an_answer_names_the_challenge_of_its_address() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let (one, two) = (test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await);
    let account = phone.account.clone().unwrap();
    let core = json!({"aud": account.issuer, "iss": account.device_id, "cid": one, "act": "deny", "ctr": 1});
    let core = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, core.to_string());
    let body = json!({"jws": phone.sign_as("countersign-answer+jwt", &json!({"core": core}))});
    let post = async |phone: &mut Phone, cid: &str| {
        phone.ask(Method::POST, &format!("/device/v1/challenges/{cid}/answer"), Some(&body)).await
    };
    assert_eq!(code(post(&mut phone, &two).await), "400 invalid_answer");
    assert_eq!(post(&mut phone, &one).await.unwrap()["state"], "denied");
    assert_eq!(
        code(
            phone
                .ask(
                    Method::POST,
                    &format!("/device/v1/challenges/{two}/answer"),
                    Some(&json!({"jws": "a.b.c"}))
                )
                .await
        ),
        "400 invalid_answer"
    );
}

#[tokio::test]
async fn a_report_ends_every_sign_in_of_the_person_and_mutes_the_phones() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let journey = test_app.journey().await;
    let elsewhere = test_app.journey().await;
    let cid = test_app.ask_in(Some(journey), &[&phone]).await.to_string();
    let other = test_app.ask_in(Some(elsewhere), &[&phone]).await.to_string();
    let challenge = phone.fetch(&cid).await.unwrap();
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
    assert_eq!(phone.answer_unseen(&cid, Act::Report("not_me")).await.as_deref(), Ok("reported"));
    assert_eq!(row(&test_app, &cid).await.stored_state(), ChallengeState::Reported);
    assert_eq!(row(&test_app, &other).await.stored_state(), ChallengeState::Superseded);
    for journey in [journey, elsewhere] {
        let storage = &test_app.app.storage;
        let workspace = test_app.app.directory.root().await.unwrap().workspace.id;
        let found = journeys::find::<AnyState>(storage, workspace, journey, &[1; 32], test_app.clock.now())
            .await
            .unwrap();
        assert!(matches!(found, journeys::Found::Closed(_)), "{journey}");
    }
    assert_eq!(test_app.muted_until().await, Some(test_app.clock.now().plus_seconds(20 * 60)));
    assert_eq!(
        (test_app.count_events("challenge.reported").await, test_app.count_events("push.muted").await),
        (1, 1)
    );
    assert_eq!(code(phone.answer_unseen(&cid, Act::Deny).await), "409 challenge_closed reported");
}

#[tokio::test]
async fn three_denials_in_a_quarter_of_an_hour_mute_the_phones_and_two_do_not() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    for denials in 1..=3 {
        let cid = test_app.ask(&[&phone]).await;
        assert_eq!(phone.answer_unseen(&cid, Act::Deny).await.as_deref(), Ok("denied"));
        assert_eq!(test_app.muted_until().await.is_some(), denials == 3);
        test_app.clock.advance(60);
    }
}

#[tokio::test]
async fn the_accepted_answer_again_gets_its_reply_and_another_finds_it_closed() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let approval = phone.sign(&cid, Some(&challenge), Act::Approve("07"));
    for _ in 0..3 {
        assert_eq!(phone.post(&approval).await.as_deref(), Ok("approved"));
    }
    assert_eq!(
        (test_app.count_events("challenge.approved").await, test_app.count_events("answer.replayed").await),
        (1, 2)
    );
    assert_eq!(code(phone.answer(&challenge, Act::Deny).await), "409 challenge_closed approved");
}

#[tokio::test]
async fn a_counter_with_two_contents_suspends_the_device_and_a_lower_unused_one_does_not() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let (one, two, three) =
        (test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await);
    let (first, lower) =
        (phone.sign_counted(&one, None, Act::Deny, 9), phone.sign_counted(&two, None, Act::Deny, 3));
    assert_eq!(phone.post(&first).await.as_deref(), Ok("denied"));
    assert_eq!(phone.post(&lower).await.as_deref(), Ok("denied"));
    let copied = phone.sign_counted(&three, None, Act::Deny, 9);
    assert_eq!(code(phone.post(&copied).await), "403 device_not_active suspended");
    let withdrawn = row(&test_app, &three).await;
    assert_eq!(
        (withdrawn.stored_state(), withdrawn.reason()),
        (ChallengeState::Superseded, Some("device_suspended"))
    );
    assert_eq!(code(phone.answer_unseen(&three, Act::Deny).await), "403 device_not_active suspended");
    assert_eq!(
        (
            test_app.count_events("answer.counter_conflict").await,
            test_app.count_events("device.suspended").await
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_suspended_device_does_not_affect_the_others() {
    let test_app = PhoneApp::new().await;
    let (mut copied, mut other) = (test_app.enrolled().await, test_app.enrolled().await);
    let (first, ours) = (test_app.ask(&[&copied]).await, test_app.ask(&[&copied, &other]).await);
    let denial = copied.sign_counted(&first, None, Act::Deny, 1);
    let copy = copied.sign_counted(&ours, None, Act::Deny, 1);
    assert_eq!(copied.post(&denial).await.as_deref(), Ok("denied"));
    assert_eq!(code(copied.post(&copy).await), "403 device_not_active suspended");
    assert_eq!(row(&test_app, &ours).await.stored_state(), ChallengeState::Pending);
    assert_eq!(other.answer_unseen(&ours, Act::Deny).await.as_deref(), Ok("denied"));
}

#[tokio::test]
async fn a_copy_that_comes_too_late_gives_itself_away_too() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let (denial, copied) = (
        phone.sign_counted(&cid, None, Act::Deny, 1),
        phone.sign_counted(&cid, Some(&challenge), Act::Approve("07"), 1),
    );
    assert_eq!(phone.post(&denial).await.as_deref(), Ok("denied"));
    assert_eq!(code(phone.post(&copied).await), "403 device_not_active suspended");
}

#[tokio::test]
async fn ten_bad_signatures_in_a_day_suspend_the_device() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let good = phone.sign_as("countersign-answer+jwt", &json!({"core": ""}));
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(86));
    let core = json!({"aud": "a", "iss": "b", "cid": cid, "act": "deny", "ctr": 1}).to_string();
    let core = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, core);
    let signed = phone.sign_as("countersign-answer+jwt", &json!({"core": core}));
    let forged = signed
        .rsplit_once('.')
        .map(|(input, _)| format!("{input}.{}", &forged[forged.len() - 86..]))
        .unwrap();
    let path = format!("/device/v1/challenges/{cid}/answer");
    for failures in 1..=10 {
        let answer = phone.ask(Method::POST, &path, Some(&json!({"jws": forged}))).await;
        assert_eq!(code(answer), "401 device_unknown");
        let device = authenticators::find(&test_app.app.storage, device_of(&phone)).await.unwrap().unwrap();
        assert_eq!(device.state() == AuthenticatorState::Suspended, failures == 10, "{failures}");
    }
    assert_eq!(code(phone.open_challenges().await), "403 device_not_active suspended");
    assert_eq!(phone.ask(Method::GET, "/device/v1/self", None).await.unwrap()["state"], "suspended");
}

#[tokio::test]
async fn a_fingerprint_verifies_the_exact_answer_and_where_it_is_required_nothing_goes_without() {
    let push = PushPolicy { user_verification: UserVerification::Required, ..PushPolicy::default() };
    let test_app = PhoneApp::with_push(push).await;
    let mut phone = test_app.phone().with_fingerprint_reader();
    test_app.enroll(&mut phone).await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let options = &challenge.whole["uv"]["options"];
    assert_eq!((&challenge.whole["uv"]["requirement"], options.get("challenge")), (&json!("required"), None));
    let mut bare = challenge.clone();
    bare.whole["uv"]["options"] = Value::Null;
    assert_eq!(code(phone.answer(&bare, Act::Approve("07")).await), "422 uv_required");
    assert_eq!(phone.answer(&challenge, Act::Approve("07")).await.as_deref(), Ok("approved"));
    assert_eq!(row(&test_app, &cid).await.user_verified(), Some(true));
}
