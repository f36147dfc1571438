//! What happens at once: each step has one winner, whoever asks how often.

use crate::support::{
    phone::{Act, Claim, SignedAnswer},
    phone_app::PhoneApp,
};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_phones_that_claim_at_once_one_has_the_enrollment() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let barrier = Arc::new(Barrier::new(4));
    let claims = (0..4).map(|_| {
        let (mut phone, claim) = (test_app.phone(), Claim::scan(&offered.link));
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            phone.claim(&claim).await.map(|_| phone)
        })
    });
    let answers: Vec<_> = join_all(claims).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert_eq!(refused.code, "already_claimed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_completion_sent_at_once_many_times_makes_one_device() {
    let test_app = PhoneApp::new().await;
    let offered = test_app.offer().await;
    let mut phone = test_app.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    let payload = json!({"aud": offer.issuer, "enr": offer.enrollment, "nonce": offer.whole["nonce"],
        "jwk": phone.jwk(), "name": "x", "platform": "x", "transport": {"kind": "none"}, "iat": 1});
    let body = json!({"jws": phone.sign_as("countersign-enroll+jwt", &payload)});
    let path = format!("/device/v1/enrollments/{}/complete", offered.id);
    let barrier = Arc::new(Barrier::new(4));
    let completions = (0..4).map(|_| {
        let (mut phone, body, path, barrier) =
            (test_app.phone(), body.clone(), path.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            phone.ask(http::Method::POST, &path, Some(&body)).await.unwrap()
        })
    });
    let replies: Vec<_> = join_all(completions).await.into_iter().map(Result::unwrap).collect();
    assert!(replies.windows(2).all(|pair| pair[0] == pair[1]), "{replies:?}");
    assert_eq!(test_app.trail("enrollment.completed").await, 1);
}

/// Sends all of them at once; what each was answered.
async fn at_once(test_app: &PhoneApp, answers: Vec<SignedAnswer>) -> Vec<Result<String, String>> {
    let barrier = Arc::new(Barrier::new(answers.len()));
    let http_client = test_app.http_client("198.51.100.9");
    let sent = answers.into_iter().map(|answer| {
        let (phone, barrier) = (test_app.phone_on(&http_client), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            phone.post(&answer).await.map_err(|problem| problem.code)
        })
    });
    join_all(sent).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_answer_sent_fifty_times_at_once_counts_once_and_gets_one_reply() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cid = test_app.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let approval = phone.sign(&cid, Some(&challenge), Act::Approve("07"));
    let replies = at_once(&test_app, vec![approval; 50]).await;
    assert!(replies.iter().all(|reply| reply.as_deref() == Ok("approved")), "{replies:?}");
    assert_eq!(test_app.trail("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_an_approval_and_a_denial_at_once_one_counts() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    for _ in 0..5 {
        let cid = test_app.ask(&[&phone]).await;
        let challenge = phone.fetch(&cid).await.unwrap();
        let answers = vec![
            phone.sign(&cid, Some(&challenge), Act::Approve("07")),
            phone.sign(&cid, Some(&challenge), Act::Deny),
        ];
        let replies = at_once(&test_app, answers).await;
        assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1, "{replies:?}");
        assert!(replies.contains(&Err("challenge_closed".to_owned())), "{replies:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_devices_that_answer_at_once_one_counts() {
    let test_app = PhoneApp::new().await;
    let (mut one, mut two) = (test_app.enrolled().await, test_app.enrolled().await);
    let cid = test_app.ask(&[&one, &two]).await;
    let (first, second) = (one.fetch(&cid).await.unwrap(), two.fetch(&cid).await.unwrap());
    assert_ne!(first.whole["chn"], second.whole["chn"]);
    let answers = vec![
        one.sign(&cid, Some(&first), Act::Approve("07")),
        two.sign(&cid, Some(&second), Act::Approve("07")),
    ];
    let replies = at_once(&test_app, answers).await;
    assert_eq!(replies.iter().filter(|reply| reply.as_deref() == Ok("approved")).count(), 1, "{replies:?}");
    assert_eq!(test_app.trail("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_counter_with_two_contents_at_once_sets_the_device_aside() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cids = [test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await];
    let answers = cids.iter().map(|cid| phone.sign_counted(cid, None, Act::Deny, 1)).collect();
    let replies = at_once(&test_app, answers).await;
    assert!(replies.contains(&Err("device_not_active".to_owned())), "{replies:?}");
    assert!(replies.contains(&Ok("denied".to_owned())), "{replies:?}");
    assert_eq!(test_app.trail("device.suspended").await, 1);
}
