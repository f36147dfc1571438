//! What happens at once: each step has one winner, whoever asks how often.

use crate::house::{
    phone::{Act, Claim, Phone, SignedAnswer},
    phone_seed::{PhoneHouse, device_of},
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
async fn of_phones_that_claim_at_once_one_has_the_enrollment() {
    let house = PhoneHouse::new().await;
    let offered = house.offer().await;
    let barrier = Arc::new(Barrier::new(4));
    let claims = (0..4).map(|_| {
        let (mut phone, claim) = (house.phone(), Claim::scan(&offered.link));
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
    let house = PhoneHouse::new().await;
    let offered = house.offer().await;
    let mut phone = house.phone();
    let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
    let payload = json!({"aud": offer.issuer, "enr": offer.enrollment, "nonce": offer.whole["nonce"],
        "jwk": phone.jwk(), "name": "x", "platform": "x", "transport": {"kind": "none"}, "iat": 1});
    let body = json!({"jws": phone.sign_as("countersign-enroll+jwt", &payload)});
    let path = format!("/device/v1/enrollments/{}/complete", offered.id);
    let barrier = Arc::new(Barrier::new(4));
    let completions = (0..4).map(|_| {
        let (mut phone, body, path, barrier) =
            (house.phone(), body.clone(), path.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            phone.ask(http::Method::POST, &path, Some(&body)).await.unwrap()
        })
    });
    let replies: Vec<_> = join_all(completions).await.into_iter().map(Result::unwrap).collect();
    assert!(replies.windows(2).all(|pair| pair[0] == pair[1]), "{replies:?}");
    assert_eq!(house.trail("enrollment.completed").await, 1);
}

/// Sends all of them at once; what each was answered.
async fn at_once(house: &PhoneHouse, answers: Vec<SignedAnswer>) -> Vec<Result<String, String>> {
    let barrier = Arc::new(Barrier::new(answers.len()));
    let wire = house.wire("198.51.100.9");
    let sent = answers.into_iter().map(|answer| {
        let (phone, barrier) = (house.phone_on(&wire), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            phone.post(&answer).await.map_err(|problem| problem.code)
        })
    });
    join_all(sent).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_answer_sent_fifty_times_at_once_counts_once_and_gets_one_reply() {
    let house = PhoneHouse::new().await;
    let mut phone = house.enrolled().await;
    let cid = house.ask(&[&phone]).await;
    let challenge = phone.fetch(&cid).await.unwrap();
    let approval = phone.sign(&cid, Some(&challenge), Act::Approve("07"));
    let replies = at_once(&house, vec![approval; 50]).await;
    assert!(replies.iter().all(|reply| reply.as_deref() == Ok("approved")), "{replies:?}");
    assert_eq!(house.trail("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_an_approval_and_a_denial_at_once_one_counts() {
    let house = PhoneHouse::new().await;
    let mut phone = house.enrolled().await;
    for _ in 0..5 {
        let cid = house.ask(&[&phone]).await;
        let challenge = phone.fetch(&cid).await.unwrap();
        let answers = vec![
            phone.sign(&cid, Some(&challenge), Act::Approve("07")),
            phone.sign(&cid, Some(&challenge), Act::Deny),
        ];
        let replies = at_once(&house, answers).await;
        assert_eq!(replies.iter().filter(|reply| reply.is_ok()).count(), 1, "{replies:?}");
        assert!(replies.contains(&Err("challenge_closed".to_owned())), "{replies:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_devices_that_answer_at_once_one_counts() {
    let house = PhoneHouse::new().await;
    let (mut one, mut two) = (house.enrolled().await, house.enrolled().await);
    let cid = house.ask(&[&one, &two]).await;
    let (first, second) = (one.fetch(&cid).await.unwrap(), two.fetch(&cid).await.unwrap());
    assert_ne!(first.whole["chn"], second.whole["chn"]);
    let answers = vec![
        one.sign(&cid, Some(&first), Act::Approve("07")),
        two.sign(&cid, Some(&second), Act::Approve("07")),
    ];
    let replies = at_once(&house, answers).await;
    assert_eq!(replies.iter().filter(|reply| reply.as_deref() == Ok("approved")).count(), 1, "{replies:?}");
    assert_eq!(house.trail("challenge.approved").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_counter_with_two_contents_at_once_sets_the_device_aside() {
    let house = PhoneHouse::new().await;
    let mut phone = house.enrolled().await;
    let cids = [house.ask(&[&phone]).await, house.ask(&[&phone]).await];
    let answers = cids.iter().map(|cid| phone.sign_counted(cid, None, Act::Deny, 1)).collect();
    let replies = at_once(&house, answers).await;
    assert!(replies.contains(&Err("device_not_active".to_owned())), "{replies:?}");
    assert!(replies.contains(&Ok("denied".to_owned())), "{replies:?}");
    assert_eq!(house.trail("device.suspended").await, 1);
}

/// Phones of one person that all wait for their confirmation code, each of a sign-in of its own.
async fn waiting(house: &PhoneHouse, count: usize) -> Vec<(EnrollmentId, Phone)> {
    let mut waiting = Vec::new();
    for _ in 0..count {
        let offered = house.offer().await;
        let mut phone = house.phone();
        let offer = phone.claim(&Claim::scan(&offered.link)).await.unwrap();
        phone.complete(&offer, &json!({"kind": "none"})).await.unwrap();
        waiting.push((offered.id, phone));
    }
    waiting
}

/// Types all of the codes at once, each with this entitlement; how many phones are active then.
async fn confirm_at_once(house: &PhoneHouse, ids: Vec<EnrollmentId>, entitlement: Entitlement) -> usize {
    let barrier = Arc::new(Barrier::new(ids.len()));
    let now = house.clock.now();
    let confirmations = ids.into_iter().map(|id| {
        let (app, barrier) = (Arc::clone(&house.app), Arc::clone(&barrier));
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
    let active = authenticators::list_active(&house.app.storage, house.person).await.unwrap();
    assert_eq!(active.len(), won);
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_first_devices_that_are_confirmed_at_once_one_becomes_active() {
    for _ in 0..4 {
        let house = PhoneHouse::new().await;
        let ids = waiting(&house, 4).await.into_iter().map(|(id, _)| id).collect();
        assert_eq!(confirm_at_once(&house, ids, Entitlement::FirstSecondFactor).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn devices_that_another_one_vouched_for_become_active_at_once() {
    let house = PhoneHouse::new().await;
    let ids = waiting(&house, 3).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(confirm_at_once(&house, ids, Entitlement::ProvedBySecondFactor).await, 3);
}

#[tokio::test]
async fn a_first_device_is_not_confirmed_beside_an_active_or_suspended_one() {
    let house = PhoneHouse::new().await;
    let first = house.enrolled().await;
    let waiting = waiting(&house, 1).await;
    let row = enrollments::find(&house.app.storage, waiting[0].0).await.unwrap().unwrap();
    let confirm = async |entitlement| {
        let tx = house.app.storage.begin().await.unwrap();
        enrollments::confirm(&tx, &row, entitlement, house.clock.now()).await.unwrap()
    };
    assert!(!confirm(Entitlement::FirstSecondFactor).await, "beside an active one");
    let tx = house.app.storage.begin().await.unwrap();
    assert!(authenticators::suspend(&tx, device_of(&first)).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!confirm(Entitlement::FirstSecondFactor).await, "beside a suspended one");
    assert!(confirm(Entitlement::ProvedBySecondFactor).await);
    let tx = house.app.storage.begin().await.unwrap();
    assert!(authenticators::revoke(&tx, device_of(&first), house.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert!(confirm(Entitlement::FirstSecondFactor).await, "beside none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_confirmation_codes_at_once_count_no_further_than_the_limit() {
    let house = PhoneHouse::new().await;
    let waiting = waiting(&house, 1).await;
    let (id, now) = (waiting[0].0, house.clock.now());
    let barrier = Arc::new(Barrier::new(10));
    let tries = (0..10).map(|_| {
        let (app, barrier) = (Arc::clone(&house.app), Arc::clone(&barrier));
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
    // Nothing but the count says so yet, and still the right code comes too late.
    let row = enrollments::find(&house.app.storage, id).await.unwrap().unwrap();
    let tx = house.app.storage.begin().await.unwrap();
    assert!(!enrollments::confirm(&tx, &row, Entitlement::FirstSecondFactor, now).await.unwrap());
}
