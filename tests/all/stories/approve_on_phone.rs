//! Alice has her phone: she types the number, and only her browser goes on.

use crate::house::{
    page::Page,
    phone::Act,
    push_desk::{PushDesk, assert_waiting, continuing, sending, state},
};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

#[tokio::test]
async fn the_phone_is_told_what_it_is_asked_and_the_browser_gets_the_tokens() {
    let mut desk = PushDesk::with_phone().await;
    let (ask, page) = desk.begin_waiting().await;
    let challenge = desk.look().await;
    let details = &challenge.details;
    assert_eq!(details["app"]["name"], "Harbor quiet_app");
    assert_eq!(details["acct"], "alice");
    assert_eq!(details["agent"], "Firefox on Linux");
    assert_eq!(details["ip"], "192.0.2.1");
    assert_eq!(details["flags"], json!(["new_device"]));
    assert!(!challenge.whole.to_string().contains("\"number\":\""), "the number stays in the browser");
    let page = desk.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "delivered");
    let page = desk.approve(&page).await;
    let tokens = desk.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd", "pop", "swk", "user", "mfa"]));
}

#[tokio::test]
async fn a_browser_that_has_signed_in_before_is_not_called_new() {
    let mut desk = PushDesk::with_phone().await;
    let (ask, page) = desk.begin_waiting().await;
    let page = desk.approve(&page).await;
    desk.tokens(&ask, &page).await;
    let ask = desk.app.ask().await.with("prompt", "login");
    let page = desk.browser.go(&ask.address()).await;
    let page = desk
        .browser
        .send(page.form("password").fill("password", crate::house::seed::PASSWORD).submit())
        .await;
    assert_waiting(&page);
    assert_eq!(desk.look().await.details["flags"], json!([]));
}

#[tokio::test]
async fn nothing_but_an_answer_moves_the_page_on() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    for form in [
        continuing(&page),
        page.form("Send again").forge("decision", "allow").submit(),
        page.form("Cancel").forge("state", "approved").forge("number", "42").submit(),
    ] {
        let page = desk.browser.send(form).await;
        assert_eq!((page.url.path(), page.departure.is_none()), ("/signin/push", true), "{}", page.summary());
        assert_eq!(state(&page), "pending");
    }
}

#[tokio::test]
async fn an_answer_moves_only_the_browser_that_asked() {
    let mut desk = PushDesk::with_phone().await;
    let (first_ask, first) = desk.begin_waiting().await;
    desk.house.clock.advance(1); // so that the phone knows which came first
    let (mut elsewhere, second_ask) = (desk.house.browser(), desk.app.ask().await);
    let second = desk.sign_in_with(&mut elsewhere, &second_ask).await;
    assert_waiting(&second);
    let open = desk.phone.open_challenges().await.expect("a list");
    assert_eq!(open.len(), 2);
    let of_first = desk.phone.fetch(&open[0]).await.expect("details");
    let number = first.text_of("number").expect("a number");
    desk.phone.answer(&of_first, Act::Approve(&number)).await.expect("an answer");
    let still = elsewhere.send(continuing(&second)).await;
    assert_eq!(state(&still), "pending", "the other browser waits on");
    // Nor does the other browser get anywhere with the first one's page.
    let stolen = elsewhere.go(first.url.as_str()).await;
    assert_eq!(stolen.status.as_u16(), 400, "{}", stolen.summary());
    assert!(elsewhere.send(continuing(&first)).await.departure.is_none());
    let page = desk.go_on(&first).await;
    desk.tokens(&first_ask, &page).await;
    assert!(
        desk.app.receive(&second_ask, &elsewhere.send(second.form("Cancel").press("Cancel")).await).is_err()
    );
}

#[tokio::test]
async fn two_tabs_of_one_browser_each_finish_their_own_sign_in() {
    let mut desk = PushDesk::with_phone().await;
    let (first_ask, first) = desk.begin_waiting().await;
    desk.house.clock.advance(1); // so that the phone knows which came first
    let (second_ask, second) = desk.begin_waiting().await;
    assert_ne!(first.url, second.url);
    let page = desk.approve(&second).await;
    desk.tokens(&second_ask, &page).await;
    let open = desk.phone.open_challenges().await.expect("a list");
    let challenge = desk.phone.fetch(&open[0]).await.expect("details");
    let number = first.text_of("number").expect("a number");
    desk.phone.answer(&challenge, Act::Approve(&number)).await.expect("an answer");
    let page = desk.go_on(&first).await;
    desk.tokens(&first_ask, &page).await;
}

#[tokio::test]
async fn an_approval_that_nobody_picks_up_is_void_after_a_minute() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    desk.answer(Act::Approve(&number)).await.expect("an answer");
    desk.house.clock.advance(59);
    let page = desk.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "approved");
    desk.house.clock.advance(1);
    let page = desk.go_on(&page).await;
    assert_eq!(state(&page), "expired");
}

#[tokio::test]
async fn a_phone_that_was_removed_meanwhile_approves_nothing() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    desk.answer(Act::Approve(&number)).await.expect("an answer");
    desk.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let page = desk.go_on(&page).await;
    assert!(page.departure.is_none(), "{}", page.summary());
    assert_eq!(state(&page), "superseded");
    assert!(page.text.contains("There is no phone to ask any more."));
}

#[tokio::test]
async fn somebody_who_was_disabled_gets_no_session_at_any_point() {
    for point in ["before the answer", "before the browser goes on"] {
        let mut desk = PushDesk::with_phone().await;
        let (ask, page) = desk.begin_waiting().await;
        let number = page.text_of("number").expect("a number");
        if point == "before the answer" {
            disable(&desk).await;
            let answered = desk.phone.open_challenges().await;
            assert!(answered.is_err(), "{answered:?}");
        } else {
            desk.answer(Act::Approve(&number)).await.expect("an answer");
            disable(&desk).await;
        }
        let page = desk.go_on(&page).await;
        if let Some(departure) = &page.departure {
            assert!(departure.as_str().contains("error=access_denied"), "{point}: {departure}");
            assert!(desk.app.receive(&ask, &page).is_err());
        }
        assert_eq!(desk.browser.cookies.value("countersign_session"), None, "{point}");
    }
}

async fn disable(desk: &PushDesk) {
    let app = &desk.house.app;
    let tx = app.storage.begin().await.expect("a unit");
    countersign::storage::people::save_disabled(&tx, desk.house.seed.alice, Some(app.now()))
        .await
        .expect("saved");
    tx.commit().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_approval_that_is_taken_many_times_at_once_is_taken_once() {
    let mut desk = PushDesk::with_phone().await;
    let (_, page) = desk.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    desk.answer(Act::Approve(&number)).await.expect("an answer");
    let barrier = Arc::new(Barrier::new(4));
    let takers = (0..4).map(|_| {
        let (mut browser, form, barrier) = (desk.browser.clone(), continuing(&page), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            browser.send(form).await
        })
    });
    let pages = join_all(takers).await.into_iter().map(|page| page.expect("an answer"));
    let codes = pages
        .filter(|page| page.departure.as_ref().is_some_and(|departure| departure.as_str().contains("code=")));
    assert_eq!(codes.count(), 1);
}

/// An approval and "Send again" at once: what the phone was told, and the page after that.
async fn approve_while_sending_again(desk: &mut PushDesk) -> (bool, Page) {
    let (_, page) = desk.begin_waiting().await;
    desk.house.clock.advance(10);
    let challenge = desk.look().await;
    let number = page.text_of("number").expect("a number");
    let approval = desk.phone.sign(&challenge.cid, Some(&challenge), Act::Approve(&number));
    let barrier = Arc::new(Barrier::new(2));
    let (mut browser, sending, at_browser) = (desk.browser.clone(), sending(&page), Arc::clone(&barrier));
    let sent = tokio::spawn(async move {
        at_browser.wait().await;
        browser.send(sending).await
    });
    barrier.wait().await;
    let is_approved = desk.phone.post(&approval).await.is_ok();
    let page = sent.await.expect("a page");
    (is_approved, desk.browser.go(page.url.as_str()).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_approval_is_not_lost_to_a_request_that_is_sent_again_meanwhile() {
    let mut desk = PushDesk::with_phone().await;
    for _ in 0..12 {
        let (is_approved, page) = approve_while_sending_again(&mut desk).await;
        let page = if is_approved { desk.go_on(&page).await } else { desk.approve(&page).await };
        assert!(page.departure.is_some(), "{is_approved}: {}", page.summary());
        desk.browser = desk.house.browser();
        desk.house.clock.advance(3600);
    }
}
