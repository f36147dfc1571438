//! Simultaneous requests: each step has exactly one winner.

use crate::support::{
    phone::{Act, Claim, Phone, SignedAnswer},
    phone_app::{PhoneApp, device_of},
};
use ::entity::ids::EnrollmentId;
use countersign::{
    clock::Clock,
    storage::{
        authenticators::{self, Entitlement},
        enrollments,
    },
};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_simultaneous_claims_gets_the_enrollment() {
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
    assert_eq!(test_app.count_events("enrollment.completed").await, 1);
}

/// Sends all of them at once; returns the response to each.
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
    assert_eq!(test_app.count_events("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_simultaneous_approval_and_denial_have_one_winner() {
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
async fn two_devices_that_answer_at_once_have_one_winner() {
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
    assert_eq!(test_app.count_events("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_counter_with_two_contents_at_once_suspends_the_device() {
    let test_app = PhoneApp::new().await;
    let mut phone = test_app.enrolled().await;
    let cids = [test_app.ask(&[&phone]).await, test_app.ask(&[&phone]).await];
    let answers = cids.iter().map(|cid| phone.sign_counted(cid, None, Act::Deny, 1)).collect();
    let replies = at_once(&test_app, answers).await;
    assert!(replies.contains(&Err("device_not_active".to_owned())), "{replies:?}");
    assert!(replies.contains(&Ok("denied".to_owned())), "{replies:?}");
    assert_eq!(test_app.count_events("device.suspended").await, 1);
}

/// Phones of one person that wait for their confirmation code, each in a sign-in of its own.
async fn waiting(test_app: &PhoneApp, count: usize) -> Vec<(EnrollmentId, Phone)> {
    let mut waiting = Vec::new();
    for _ in 0..count {
        let offered = test_app.offer().await;
        let mut phone = test_app.phone();
        let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
        phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
        waiting.push((offered.id, phone));
    }
    waiting
}

/// Types all codes at once, each with this entitlement; returns the number of active phones.
async fn confirm_at_once(test_app: &PhoneApp, ids: Vec<EnrollmentId>, entitlement: Entitlement) -> usize {
    let barrier = Arc::new(Barrier::new(ids.len()));
    let now = test_app.clock.now();
    let confirmations = ids.into_iter().map(|id| {
        let (app, barrier) = (Arc::clone(&test_app.app), Arc::clone(&barrier));
        tokio::spawn(async move {
            let row = enrollments::find(&app.storage, id).await.unwrap().unwrap();
            barrier.wait().await;
            let tx = app.storage.begin().await.unwrap();
            let is_confirmed = enrollments::confirm(&tx, &row, entitlement, now).await.unwrap();
            if is_confirmed {
                tx.commit().await.unwrap();
            }
            is_confirmed
        })
    });
    let won = join_all(confirmations).await.into_iter().filter(|won| *won.as_ref().unwrap()).count();
    let active = authenticators::list_active(&test_app.app.storage, test_app.person).await.unwrap();
    assert_eq!(active.len(), won);
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_simultaneously_confirmed_first_devices_becomes_active() {
    for _ in 0..4 {
        let test_app = PhoneApp::new().await;
        let ids = waiting(&test_app, 4).await.into_iter().map(|(id, _)| id).collect();
        assert_eq!(confirm_at_once(&test_app, ids, Entitlement::FirstSecondFactor).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn devices_that_another_one_vouched_for_become_active_at_once() {
    let test_app = PhoneApp::new().await;
    let ids = waiting(&test_app, 3).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(confirm_at_once(&test_app, ids, Entitlement::ProvedBySecondFactor).await, 3);
}

#[tokio::test]
async fn a_first_device_is_not_confirmed_beside_an_active_or_suspended_one() {
    let test_app = PhoneApp::new().await;
    let first = test_app.enrolled().await;
    let waiting = waiting(&test_app, 1).await;
    let row = enrollments::find(&test_app.app.storage, waiting[0].0).await.unwrap().unwrap();
    let confirm = async |entitlement| {
        let tx = test_app.app.storage.begin().await.unwrap();
        enrollments::confirm(&tx, &row, entitlement, test_app.clock.now()).await.unwrap()
    };
    assert!(!confirm(Entitlement::FirstSecondFactor).await, "beside an active one");
    let tx = test_app.app.storage.begin().await.unwrap();
    assert!(authenticators::suspend(&tx, device_of(&first)).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!confirm(Entitlement::FirstSecondFactor).await, "beside a suspended one");
    assert!(confirm(Entitlement::ProvedBySecondFactor).await);
    let tx = test_app.app.storage.begin().await.unwrap();
    assert!(authenticators::revoke(&tx, device_of(&first), test_app.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert!(confirm(Entitlement::FirstSecondFactor).await, "beside none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_confirmation_codes_at_once_count_no_further_than_the_limit() {
    let test_app = PhoneApp::new().await;
    let waiting = waiting(&test_app, 1).await;
    let (id, now) = (waiting[0].0, test_app.clock.now());
    let barrier = Arc::new(Barrier::new(10));
    let tries = (0..10).map(|_| {
        let (app, barrier) = (Arc::clone(&test_app.app), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            let tx = app.storage.begin().await.unwrap();
            let counted = enrollments::count_confirm_failure(&tx, id, now).await.unwrap();
            tx.commit().await.unwrap();
            counted
        })
    });
    let mut counted: Vec<_> = join_all(tries).await.into_iter().filter_map(Result::unwrap).collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, 2, 3]);
    // The enrollment is still open, but its count of attempts refuses the right code.
    let row = enrollments::find(&test_app.app.storage, id).await.unwrap().unwrap();
    let tx = test_app.app.storage.begin().await.unwrap();
    assert!(!enrollments::confirm(&tx, &row, Entitlement::FirstSecondFactor, now).await.unwrap());
}
