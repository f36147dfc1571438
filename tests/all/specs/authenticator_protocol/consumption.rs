//! §5.4: the browser of the sign-in consumes an approval, once and in time.

use crate::support::{
    phone::{Act, Phone},
    phone_app::PhoneApp,
};
use ::entity::ids::{ChallengeId, JourneyId};
use countersign::{clock::Clock, storage::challenges};

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
