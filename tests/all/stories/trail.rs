//! What the trail tells of requests and pairings that end without their answer, and of sign-ins without any page.

use crate::house::{
    house::House,
    phone::{Act, Claim},
    push_desk::{PushDesk, continuing, sending},
    seed::PASSWORD,
    sign_in::{Answer, request, sign_in},
};
use ::entity::ids::PersonId;
use countersign::storage::audit;
use serde_json::{Value, json};

/// The details of a person's lines of this code, the oldest first.
async fn lines(house: &House, person: PersonId, code: &str) -> Vec<Value> {
    let lines = audit::list_of_person(&house.app.storage, house.seed.workspace, person, 500).await;
    let lines = lines.expect("storage answers").into_iter().rev();
    lines.filter(|line| line.code == code).map(|line| line.detail).collect()
}

/// Two nodes sweep at once.
async fn sweep(house: &House) {
    let (one, other) = tokio::join!(house.app.sweep(), house.app.sweep());
    one.and(other).expect("storage answers");
}

#[tokio::test]
async fn a_request_that_nobody_answers_is_noted_as_expired_once() {
    let mut desk = PushDesk::with_phone().await;
    let alice = desk.house.seed.alice;
    desk.begin_waiting().await;
    sweep(&desk.house).await;
    assert_eq!(lines(&desk.house, alice, "challenge.expired").await, [] as [Value; 0], "it is still open");
    desk.house.clock.advance(600);
    let asked_at = desk.house.app.now().unix_seconds() - 600;
    sweep(&desk.house).await;
    sweep(&desk.house).await;
    let expired = lines(&desk.house, alice, "challenge.expired").await;
    assert_eq!(expired.len(), 1, "{expired:?}");
    assert_eq!(expired[0]["reason"], "unanswered");
    let at = expired[0]["at"].as_i64().expect("an instant");
    assert!((asked_at + 1..asked_at + 600).contains(&at), "{at} is when it was over, not when it was noted");
}

#[tokio::test]
async fn an_approval_that_nobody_picks_up_is_noted_as_unclaimed() {
    let mut desk = PushDesk::with_phone().await;
    let alice = desk.house.seed.alice;
    let (_, page) = desk.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    desk.answer(Act::Approve(&number)).await.expect("an answer");
    let until = desk.house.app.now().unix_seconds() + 60;
    desk.house.clock.advance(60);
    sweep(&desk.house).await;
    let expired = lines(&desk.house, alice, "challenge.expired").await;
    assert_eq!(expired, [json!({"reason": "unclaimed", "at": until})]);
    assert!(desk.go_on(&page).await.departure.is_none(), "noted or not, it is void");
}

#[tokio::test]
async fn an_approval_that_was_picked_up_never_expires() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    desk.approve(&page).await;
    desk.house.clock.advance(3600);
    sweep(&desk.house).await;
    assert_eq!(lines(&desk.house, desk.house.seed.alice, "challenge.expired").await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_request_that_is_withdrawn_says_why() {
    let mut desk = PushDesk::with_phone().await;
    let alice = desk.house.seed.alice;
    let (_, page) = desk.begin_waiting().await;
    desk.house.clock.advance(11);
    let page = desk.browser.send(sending(&page)).await;
    let superseded = async |desk: &PushDesk| lines(&desk.house, alice, "challenge.superseded").await;
    assert_eq!(superseded(&desk).await, [json!({"reason": "resent"})]);
    desk.browser.send(page.form("Cancel").press("deny")).await;
    assert_eq!(superseded(&desk).await[1..], [json!({"reason": "cancelled"})]);
    // Long after its time it is no more than expired.
    desk.house.clock.advance(3600);
    let (_, page) = desk.begin_waiting().await;
    desk.house.clock.advance(600);
    let mut form = continuing(&page);
    form.action.set_path("/signin/push/send");
    desk.browser.send(form).await;
    sweep(&desk.house).await;
    assert_eq!(superseded(&desk).await.len(), 2);
    assert_eq!(lines(&desk.house, alice, "challenge.expired").await.len(), 1);
}

#[tokio::test]
async fn a_sign_out_takes_back_what_another_tab_has_asked_of_the_phone() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    desk.approve(&page).await;
    desk.house.clock.advance(60);
    let ask = desk.app.ask().await.with("prompt", "login");
    let page = desk.browser.go(&ask.address()).await;
    desk.browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert_eq!(desk.phone.open_challenges().await.expect("a list").len(), 1);
    let page = desk.browser.go("http://localhost:8080/signout").await;
    desk.browser.send(page.form("decision").press("allow")).await;
    assert!(desk.phone.open_challenges().await.expect("a list").is_empty());
    let superseded = lines(&desk.house, desk.house.seed.alice, "challenge.superseded").await;
    assert_eq!(superseded, [json!({"reason": "cancelled"})]);
}

#[tokio::test]
async fn a_pairing_that_nobody_finishes_is_noted_and_takes_its_phone_along() {
    let mut desk = PushDesk::new().await;
    let alice = desk.house.seed.alice;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    let page = desk.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    desk.pair(&Claim::scan(&link)).await;
    sweep(&desk.house).await;
    assert_eq!(lines(&desk.house, alice, "enrollment.failed").await, [] as [Value; 0], "it goes on");
    desk.phone.ask(http::Method::GET, "/device/v1/self", None).await.expect("it waits");
    desk.house.clock.advance(3600);
    sweep(&desk.house).await;
    assert_eq!(lines(&desk.house, alice, "enrollment.failed").await, [json!({"reason": "expired"})]);
    let gone = desk.phone.ask(http::Method::GET, "/device/v1/self", None).await.expect_err("it is gone");
    assert_eq!(gone.code, "device_revoked");
}

#[tokio::test]
async fn a_pairing_that_is_begun_anew_ends_the_one_before() {
    let mut desk = PushDesk::new().await;
    let alice = desk.house.seed.alice;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    desk.sign_in(&ask).await;
    let page = desk.sign_in_with(&mut desk.house.browser(), &ask).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
    assert_eq!(lines(&desk.house, alice, "enrollment.failed").await, [json!({"reason": "cancelled"})]);
    desk.house.clock.advance(3600);
    desk.sign_in_with(&mut desk.house.browser(), &ask).await;
    let failed = lines(&desk.house, alice, "enrollment.failed").await;
    assert_eq!(failed[1..], [json!({"reason": "expired"})], "its time was over before the next began");
}

#[tokio::test]
async fn a_sign_in_without_a_page_leaves_a_line_like_any_other() {
    let house = House::new().await;
    let mut browser = house.browser();
    sign_in(&mut browser, "grace").await.code();
    house.clock.advance(1);
    Answer::of(&browser.go(&request("quiet_app", &[])).await).code();
    house.clock.advance(1);
    Answer::of(&browser.go(&request("quiet_app", &[("prompt", "none")])).await).code();
    let succeeded = lines(&house, house.seed.grace, "sign_in.succeeded").await;
    let how: Vec<_> = succeeded.iter().map(|line| line["how"].as_str().expect("a word")).collect();
    assert_eq!(how, ["proved", "session", "silently"]);
    assert!(succeeded.iter().all(|line| line["amr"] == json!(["pwd"]) && line["acr"] == "1fa"));
}
