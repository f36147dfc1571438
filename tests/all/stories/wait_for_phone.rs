//! The events of a waiting page, and the lifetime of its stream.

use crate::support::{
    page::Page,
    phone::Act,
    push_fixture::{PushFixture, sending, state},
};
use futures_util::FutureExt;

fn address(page: &Page, kind: &str) -> String {
    page.attribute("#push-state", &format!("data-{kind}")).expect("an address")
}

#[tokio::test]
async fn a_stream_sends_the_current_state_first_and_then_each_change() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let mut events = fixture.browser.listen(&page, &address(&page, "events")).await.expect("a stream");
    let first = events.next().await.expect("how it stands");
    assert_eq!((first.event.as_str(), first.id.as_deref()), ("message", Some("1")));
    let data: serde_json::Value = serde_json::from_str(&first.data).expect("JSON");
    assert_eq!((&data["v"], &data["state"], &data["device"]), (&1.into(), &"pending".into(), &().into()));
    let number = page.text_of("number").expect("a number");
    fixture.answer(Act::Approve(&number)).await.expect("an answer");
    let delivered = events.next().await.expect("news");
    // Two simultaneous changes may arrive as one event.
    let approved =
        if delivered.data.contains("approved") { delivered } else { events.next().await.expect("more") };
    assert!(approved.data.contains(r#""state":"approved","device":"Test phone""#), "{}", approved.data);
    let mut again = fixture.browser.listen(&page, &address(&page, "events")).await.expect("a second stream");
    assert_eq!(again.next().await.expect("how it stands").data, approved.data);
}

#[tokio::test]
async fn a_stream_ends_by_itself_and_reports_the_end_of_the_request() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let mut events = fixture.browser.listen(&page, &address(&page, "events")).await.expect("a stream");
    events.next().await.expect("how it stands");
    fixture.test_app.clock.advance(54);
    assert!(events.next().now_or_never().is_none(), "it lives");
    fixture.test_app.clock.advance(1);
    assert_eq!(events.next().await, None, "closed after 55 seconds");
    let mut events = fixture.browser.listen(&page, &address(&page, "events")).await.expect("the next one");
    events.next().await.expect("how it stands");
    fixture.test_app.clock.advance(35);
    let expired = events.next().await.expect("news");
    assert!(expired.data.contains(r#""v":2,"state":"expired""#), "{}", expired.data);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_third_tab_polls_and_a_closed_stream_frees_its_slot() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let events = address(&page, "events");
    let first = fixture.browser.listen(&page, &events).await.expect("a stream");
    let _second = fixture.browser.listen(&page, &events).await.expect("a stream");
    let Err(refused) = fixture.browser.listen(&page, &events).await else { panic!("a third stream") };
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (503, "5"));
    drop(first);
    assert!(fixture.browser.listen(&page, &events).await.is_ok());
}

#[tokio::test]
async fn a_long_poll_answers_at_once_or_when_something_changes_or_not_at_all() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let status = address(&page, "status");
    let now = fixture.browser.fetch(&page, &format!("{status}&since=0&wait=25")).await;
    assert!(now.text.contains(r#""v":1,"state":"pending""#), "{}", now.text);
    assert_eq!(now.header("cache-control"), "no-store");
    let nothing = fixture.browser.fetch(&page, &format!("{status}&since=1&wait=0")).await;
    assert_eq!(nothing.status.as_u16(), 204);

    let (mut browser, waiting) = (fixture.browser.clone(), page.clone());
    let poll = tokio::spawn(async move {
        browser.fetch(&waiting, &format!("{}&since=1&wait=25", address(&waiting, "status"))).await
    });
    fixture.look().await;
    assert!(poll.await.expect("an answer").text.contains(r#""v":2,"state":"delivered""#));

    let (mut browser, waiting, clock) =
        (fixture.browser.clone(), page.clone(), fixture.test_app.clock.clone());
    let sleeps = clock.sleeps();
    let poll = tokio::spawn(async move {
        browser.fetch(&waiting, &format!("{}&since=2&wait=600", address(&waiting, "status"))).await
    });
    // The time limit of the request sleeps, and then the poll.
    clock.sleeps_reached(sleeps + 2).await;
    clock.advance(25);
    let answer = poll.await.expect("an answer");
    assert_eq!(answer.status.as_u16(), 204, "{}", answer.text);
}

#[tokio::test]
async fn only_the_browser_of_the_sign_in_may_listen() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let mut stranger = fixture.test_app.browser();
    for kind in ["events", "status"] {
        let answer = stranger.fetch(&page, &address(&page, kind)).await;
        assert_eq!(answer.status.as_u16(), 400, "{kind}");
    }
    stranger.cookies = fixture.browser.cookies.clone();
    assert_eq!(stranger.fetch(&page, &address(&page, "status")).await.status.as_u16(), 200);
}

#[tokio::test]
async fn a_request_that_ran_out_is_sent_again() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(90);
    let expired = fixture.go_on(&page).await;
    assert_eq!(state(&expired), "expired");
    assert!(expired.text.contains("Nothing is lost"));
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty());
    let page = fixture.browser.send(sending(&expired)).await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn a_request_that_was_sent_again_leaves_only_the_new_one() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let old = fixture.phone.open_challenges().await.expect("a list");
    fixture.test_app.clock.advance(10);
    let again = fixture.browser.send(page.form("Send again").press("Send again")).await;
    let new = fixture.phone.open_challenges().await.expect("a list");
    assert_eq!(new.len(), 1);
    assert_ne!(old, new);
    let late = fixture.phone.answer_unseen(&old[0], Act::Deny).await.expect_err("withdrawn");
    assert_eq!(late.code, "challenge_closed");
    let page = fixture.approve(&again).await;
    fixture.tokens(&ask, &page).await;
}
