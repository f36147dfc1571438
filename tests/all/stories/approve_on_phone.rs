//! Alice approves on her phone with the number, and only her browser continues.

use crate::support::{
    page::Page,
    phone::Act,
    push_fixture::{PushFixture, assert_waiting, continuing, sending, state},
    test_app::TestApp,
};
use countersign::storage::audit;
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

#[tokio::test]
async fn the_phone_shows_the_request_and_the_browser_gets_the_tokens() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let challenge = fixture.look().await;
    let details = &challenge.details;
    assert_eq!(details["app"]["name"], "Harbor quiet_app");
    assert_eq!(details["acct"], "alice");
    assert_eq!(details["agent"], "Firefox on Linux");
    assert_eq!(details["ip"], "192.0.2.1");
    assert_eq!(details["flags"], json!(["new_device"]));
    assert!(!challenge.whole.to_string().contains("\"number\":\""), "the number stays in the browser");
    let page = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "delivered");
    let page = fixture.approve(&page).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd", "pop", "swk", "user", "mfa"]));
}

#[tokio::test]
async fn a_browser_that_has_signed_in_before_is_not_called_new() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    let ask = fixture.app.ask().await.with("prompt", "login");
    let page = fixture.browser.go(&ask.address()).await;
    let page = fixture
        .browser
        .send(page.form("password").fill("password", crate::support::seed::PASSWORD).submit())
        .await;
    assert_waiting(&page);
    assert_eq!(fixture.look().await.details["flags"], json!([]));
}

#[tokio::test]
async fn nothing_but_an_answer_moves_the_page_on() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    for form in [
        continuing(&page),
        page.form("Send again").forge("decision", "allow").submit(),
        page.form("Cancel").forge("state", "approved").forge("number", "42").submit(),
    ] {
        let page = fixture.browser.send(form).await;
        assert_eq!((page.url.path(), page.departure.is_none()), ("/signin/push", true), "{}", page.summary());
        assert_eq!(state(&page), "pending");
    }
}

#[tokio::test]
async fn an_answer_moves_only_the_browser_that_asked() {
    let mut fixture = PushFixture::with_phone().await;
    let (first_ask, first) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(1); // so that the challenges have different times
    let (mut elsewhere, second_ask) = (fixture.test_app.browser(), fixture.app.ask().await);
    let second = fixture.sign_in_with(&mut elsewhere, &second_ask).await;
    assert_waiting(&second);
    let open = fixture.phone.open_challenges().await.expect("a list");
    assert_eq!(open.len(), 2);
    let of_first = fixture.phone.fetch(&open[0]).await.expect("details");
    let number = first.text_of("number").expect("a number");
    fixture.phone.answer(&of_first, Act::Approve(&number)).await.expect("an answer");
    let still = elsewhere.send(continuing(&second)).await;
    assert_eq!(state(&still), "pending", "the other browser waits on");
    // The other browser cannot continue the first one's page either.
    let stolen = elsewhere.go(first.url.as_str()).await;
    assert_eq!(stolen.status.as_u16(), 400, "{}", stolen.summary());
    assert!(elsewhere.send(continuing(&first)).await.departure.is_none());
    let page = fixture.go_on(&first).await;
    fixture.tokens(&first_ask, &page).await;
    assert!(
        fixture
            .app
            .receive(&second_ask, &elsewhere.send(second.form("Cancel").press("Cancel")).await)
            .is_err()
    );
}

#[tokio::test]
async fn two_tabs_of_one_browser_each_finish_their_own_sign_in() {
    let mut fixture = PushFixture::with_phone().await;
    let (first_ask, first) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(1); // so that the challenges have different times
    let (second_ask, second) = fixture.begin_waiting().await;
    assert_ne!(first.url, second.url);
    let page = fixture.approve(&second).await;
    fixture.tokens(&second_ask, &page).await;
    let open = fixture.phone.open_challenges().await.expect("a list");
    let challenge = fixture.phone.fetch(&open[0]).await.expect("details");
    let number = first.text_of("number").expect("a number");
    fixture.phone.answer(&challenge, Act::Approve(&number)).await.expect("an answer");
    let page = fixture.go_on(&first).await;
    fixture.tokens(&first_ask, &page).await;
}

#[tokio::test]
async fn an_approval_that_is_not_consumed_is_void_after_a_minute() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    fixture.answer(Act::Approve(&number)).await.expect("an answer");
    fixture.test_app.clock.advance(59);
    let page = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "approved");
    fixture.test_app.clock.advance(1);
    let page = fixture.go_on(&page).await;
    assert_eq!(state(&page), "expired");
}

#[tokio::test]
async fn a_phone_removed_during_a_sign_in_approves_nothing() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    fixture.answer(Act::Approve(&number)).await.expect("an answer");
    fixture.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let page = fixture.go_on(&page).await;
    assert!(page.departure.is_none(), "{}", page.summary());
    assert_eq!(state(&page), "superseded");
    assert!(page.text.contains("There is no phone to ask any more."));
}

#[tokio::test]
async fn the_removal_of_the_only_phone_withdraws_the_request_that_waits_for_it() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let page = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "pending", "nothing is withdrawn while the phone is there");
    fixture.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let page = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(state(&page), "superseded");
    assert!(page.text.contains("There is no phone to ask any more."));
    let page = fixture.go_on(&page).await;
    assert!(page.departure.is_none(), "{}", page.summary());
}

#[tokio::test]
async fn a_disabled_person_gets_no_session_at_any_step() {
    for point in ["before the answer", "before the browser goes on"] {
        let mut fixture = PushFixture::with_phone().await;
        let (ask, page) = fixture.begin_waiting().await;
        let number = page.text_of("number").expect("a number");
        if point == "before the answer" {
            disable(&fixture).await;
            let answered = fixture.phone.open_challenges().await;
            assert!(answered.is_err(), "{answered:?}");
        } else {
            fixture.answer(Act::Approve(&number)).await.expect("an answer");
            disable(&fixture).await;
        }
        let page = fixture.go_on(&page).await;
        if let Some(departure) = &page.departure {
            assert!(departure.as_str().contains("error=access_denied"), "{point}: {departure}");
            assert!(fixture.app.receive(&ask, &page).is_err());
        }
        assert_eq!(fixture.browser.cookies.value("countersign_session"), None, "{point}");
    }
}

async fn disable(fixture: &PushFixture) {
    let app = &fixture.test_app.app;
    let tx = app.storage.begin().await.expect("a transaction");
    countersign::storage::people::save_disabled(&tx, fixture.test_app.seed.alice, Some(app.now()))
        .await
        .expect("saved");
    tx.commit().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_requests_consume_an_approval_once() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    fixture.answer(Act::Approve(&number)).await.expect("an answer");
    let barrier = Arc::new(Barrier::new(4));
    let takers = (0..4).map(|_| {
        let (mut browser, form, barrier) = (fixture.browser.clone(), continuing(&page), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            browser.send(form).await
        })
    });
    let pages = join_all(takers).await.into_iter().map(|page| page.expect("an answer"));
    let codes = pages
        .filter(|page| page.departure.as_ref().is_some_and(|departure| departure.as_str().contains("code=")));
    assert_eq!(codes.count(), 1);
    // Closing the sign-in alone would also let one code out: a losing request commits what it has written.
    assert_eq!(consumptions(&fixture).await, 1);
}

async fn consumptions(fixture: &PushFixture) -> usize {
    let TestApp { app, seed, .. } = &fixture.test_app;
    let events = audit::list_of_person(&app.storage, seed.workspace, seed.alice, 500).await.expect("a list");
    // The approval of the enrollment a day ago is consumed as well.
    let since = app.now().plus_seconds(-3600);
    events.iter().filter(|event| event.code == "challenge.consumed" && event.at > since).count()
}

/// Sends an approval and "Send again" at once; returns the response to the phone and the next page.
async fn approve_while_sending_again(fixture: &mut PushFixture) -> (bool, Page) {
    let (_, page) = fixture.begin_waiting().await;
    fixture.test_app.clock.advance(10);
    let challenge = fixture.look().await;
    let number = page.text_of("number").expect("a number");
    let approval = fixture.phone.sign(&challenge.cid, Some(&challenge), Act::Approve(&number));
    let barrier = Arc::new(Barrier::new(2));
    let (mut browser, sending, at_browser) = (fixture.browser.clone(), sending(&page), Arc::clone(&barrier));
    let sent = tokio::spawn(async move {
        at_browser.wait().await;
        browser.send(sending).await
    });
    barrier.wait().await;
    let is_approved = fixture.phone.post(&approval).await.is_ok();
    let page = sent.await.expect("a page");
    (is_approved, fixture.browser.go(page.url.as_str()).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_approval_is_not_lost_when_the_challenge_is_sent_again() {
    let mut fixture = PushFixture::with_phone().await;
    for _ in 0..12 {
        let (is_approved, page) = approve_while_sending_again(&mut fixture).await;
        let page = if is_approved { fixture.go_on(&page).await } else { fixture.approve(&page).await };
        assert!(page.departure.is_some(), "{is_approved}: {}", page.summary());
        fixture.browser = fixture.test_app.browser();
        fixture.test_app.clock.advance(3600);
    }
}
