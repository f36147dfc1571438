//! §4.5 and §5.4: a confirmation code is accepted, and an approval consumed, once, in time and by its own sign-in.

use crate::support::{
    phone::{Act, Claim, Phone},
    phone_app::PhoneApp,
};
use ::entity::ids::{ChallengeId, EnrollmentId, JourneyId};
use countersign::{
    clock::Clock,
    storage::{authenticators::Entitlement, challenges, enrollments},
};
use serde_json::json;

/// Whether a sign-in gets the receipt for an approval now. What it consumes stays consumed.
async fn is_consumed_by(test_app: &PhoneApp, challenge: ChallengeId, journey: JourneyId) -> bool {
    let tx = test_app.app.storage.begin().await.unwrap();
    let receipt = challenges::consume(&tx, challenge, journey, test_app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    receipt.is_some()
}

/// A challenge of `journey` that the phone has answered by `act`.
async fn answered(test_app: &PhoneApp, phone: &mut Phone, journey: JourneyId, act: Act<'_>) -> ChallengeId {
    let challenge = test_app.ask_in(Some(journey), &[phone]).await;
    let fetched = phone.fetch(&challenge.to_string()).await.unwrap();
    phone.answer(&fetched, act).await.unwrap();
    challenge
}

#[tokio::test]
async fn an_approval_is_consumed_once() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let journey = test_app.journey().await;
    let challenge = answered(&test_app, &mut phone, journey, Act::Approve("07")).await;
    assert!(is_consumed_by(&test_app, challenge, journey).await);
    assert!(!is_consumed_by(&test_app, challenge, journey).await);
}

#[tokio::test]
async fn an_approval_is_consumed_by_the_sign_in_that_asked_for_it_only() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let (journey, other) = (test_app.journey().await, test_app.journey().await);
    let challenge = answered(&test_app, &mut phone, journey, Act::Approve("07")).await;
    answered(&test_app, &mut phone, other, Act::Approve("07")).await;
    assert!(!is_consumed_by(&test_app, challenge, other).await);
    assert!(is_consumed_by(&test_app, challenge, journey).await);
}

#[tokio::test]
async fn an_approval_is_consumed_within_a_minute_only() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    for (seconds, is_in_time) in [(59, true), (60, false)] {
        let journey = test_app.journey().await;
        let challenge = answered(&test_app, &mut phone, journey, Act::Approve("07")).await;
        test_app.clock.advance(seconds);
        assert_eq!(is_consumed_by(&test_app, challenge, journey).await, is_in_time, "{seconds}");
    }
}

#[tokio::test]
async fn an_open_denied_or_reported_challenge_is_not_consumed() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let journey = test_app.journey().await;
    let open = test_app.ask_in(Some(journey), &[&phone]).await;
    assert!(!is_consumed_by(&test_app, open, journey).await);
    for act in [Act::Deny, Act::Report("not_me")] {
        let challenge = answered(&test_app, &mut phone, journey, act).await;
        assert!(!is_consumed_by(&test_app, challenge, journey).await);
    }
}

/// An enrollment that waits for its confirmation code.
async fn completed(test_app: &PhoneApp) -> EnrollmentId {
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
    offered.id
}

/// Whether the right code confirms the enrollment now.
async fn is_confirmed(test_app: &PhoneApp, id: EnrollmentId) -> bool {
    let row = enrollments::find(&test_app.app.storage, id).await.unwrap().unwrap();
    let tx = test_app.app.storage.begin().await.unwrap();
    let entitlement = Entitlement::ProvedBySecondFactor;
    let is_confirmed = enrollments::confirm(&tx, &row, entitlement, test_app.clock.now()).await.unwrap();
    if is_confirmed {
        tx.commit().await.unwrap();
    }
    is_confirmed
}

/// The number of wrong codes after one more; `None` when no code may be tried.
async fn failures_after_one_more(test_app: &PhoneApp, id: EnrollmentId) -> Option<i32> {
    let tx = test_app.app.storage.begin().await.unwrap();
    let failures = enrollments::count_confirm_failure(&tx, id, test_app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    failures
}

#[tokio::test]
async fn an_enrollment_is_confirmed_once_and_after_its_completion_only() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    assert!(!is_confirmed(&test_app, offered.id).await, "no device has completed it");
    assert_eq!(failures_after_one_more(&test_app, offered.id).await, None);
    let id = completed(&test_app).await;
    assert_eq!(failures_after_one_more(&test_app, id).await, Some(1));
    assert!(is_confirmed(&test_app, id).await);
    assert!(!is_confirmed(&test_app, id).await);
    assert_eq!(failures_after_one_more(&test_app, id).await, None);
}

#[tokio::test]
async fn an_enrollment_is_confirmed_with_two_wrong_codes_before_and_not_with_three() {
    let test_app = PhoneApp::new().await;
    for (wrong_codes, may_be_tried) in [(2, true), (3, false)] {
        let id = completed(&test_app).await;
        for count in 1..=wrong_codes {
            assert_eq!(failures_after_one_more(&test_app, id).await, Some(count));
        }
        assert_eq!(is_confirmed(&test_app, id).await, may_be_tried, "{wrong_codes}");
    }
}

#[tokio::test]
async fn an_enrollment_is_confirmed_in_time_only() {
    let test_app = PhoneApp::new().await;
    for is_in_time in [true, false] {
        let id = completed(&test_app).await;
        let row = enrollments::find(&test_app.app.storage, id).await.unwrap().unwrap();
        let left = row.confirm_by().expect("a time").seconds_since(test_app.clock.now());
        test_app.clock.advance(if is_in_time { left - 1 } else { left });
        assert_eq!(is_confirmed(&test_app, id).await, is_in_time);
    }
}
