//! Denials, wrong numbers and reports: the state that the browser shows, and the rest of the sign-in.

use crate::support::{
    audit_log::details_of,
    browser::Browser,
    phone::Act,
    push_fixture::{PushFixture, assert_waiting, sending, state},
    seed::PASSWORD,
    sign_in::give_password,
    test_app::HOME,
};

/// The reasons of Alice's refused sign-ins.
async fn refusals(fixture: &PushFixture) -> Vec<String> {
    let test_app = &fixture.test_app;
    let refused = details_of(&test_app.app, test_app.seed.alice, "sign_in.refused").await;
    refused.iter().map(|detail| detail["reason"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_denial_ends_the_sign_in_and_the_person_begins_again() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    assert_eq!(fixture.answer(Act::Deny).await.expect("an answer"), "denied");
    assert_eq!(refusals(&fixture).await, ["denied"]);
    let denied = fixture.go_on(&page).await;
    assert_eq!(state(&denied), "denied");
    assert!(denied.text.contains("A request you did not expect?"));
    assert!(!denied.text.contains("Send another request"), "{}", denied.summary());
    fixture.test_app.clock.advance(11);
    // Neither another request nor a code can finish the sign-in.
    let again = fixture.browser.send(sending(&page)).await;
    assert_eq!(state(&again), "denied");
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty(), "none was sent");
    let code = fixture.browser.go(&page.url.as_str().replace("/push", "/totp")).await;
    assert_eq!(code.status.as_u16(), 410, "{}", code.summary());
    let restart = denied.link("Sign in again").expect("a link");
    let page = fixture.browser.go(restart.as_str()).await;
    assert_eq!(page.url.path(), "/signin/identifier", "{}", page.summary());
    let page = give_password(&mut fixture.browser, &page, "alice", PASSWORD).await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    assert_eq!(refusals(&fixture).await, ["denied"]);
}

#[tokio::test]
async fn cancelling_after_a_denial_returns_access_denied() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    fixture.answer(Act::Deny).await.expect("an answer");
    let denied = fixture.go_on(&page).await;
    let page = fixture.browser.send(denied.form("decision").press("deny")).await;
    assert_eq!(fixture.app.receive(&ask, &page).expect_err("no code").error, "access_denied");
    assert_eq!(refusals(&fixture).await, ["denied"], "once, by the phone");
}

#[tokio::test]
async fn a_wrong_number_ends_the_request_and_says_so() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let number = page.text_of("number").expect("a number");
    let wrong = if number == "00" { "01" } else { "00" };
    let problem = fixture.answer(Act::Approve(wrong)).await.expect_err("not this number");
    assert_eq!(problem.code, "number_mismatch");
    let denied = fixture.go_on(&page).await;
    assert!(denied.text.contains("was not the one shown here"), "{}", denied.summary());
    fixture.test_app.clock.advance(11);
    let page = fixture.browser.send(sending(&denied)).await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn a_report_ends_the_sign_in_and_silences_the_phone() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let events = page.attribute("#push-state", "data-events").expect("an address");
    let mut events = fixture.browser.listen(&page, &events).await.expect("a stream");
    events.next().await.expect("how it stands");
    assert_eq!(fixture.answer(Act::Report("not_me")).await.expect("an answer"), "reported");
    // Two simultaneous changes may arrive as one event.
    let event = events.next().await.expect("an event");
    let event = if event.data.contains("delivered") { events.next().await.expect("more") } else { event };
    assert!(event.data.contains(r#""state":"reported""#), "{}", event.data);
    assert_eq!(events.next().await, None);
    assert_eq!(refusals(&fixture).await, ["reported"]);
    let reported = fixture.go_on(&page).await;
    assert_eq!(state(&reported), "reported");
    assert!(reported.text.contains("stays silent for 20 minutes"));
    // Neither another challenge nor a code can finish the sign-in.
    let again = fixture.browser.send(sending(&reported)).await;
    assert_eq!(state(&again), "reported");
    let code = fixture.browser.go(&page.url.as_str().replace("/push", "/totp")).await;
    assert_eq!(code.status.as_u16(), 410, "{}", code.summary());
    let left = fixture.browser.send(reported.form("decision").press("deny")).await;
    assert_eq!(fixture.app.receive(&ask, &left).expect_err("no code").error, "access_denied");

    // The next sign-in creates a challenge but sends no push: the authenticator shows it when opened. It comes
    // from elsewhere, because the reported source is blocked.
    fixture.test_app.clock.advance(30);
    fixture.browser = Browser::new(fixture.test_app.http_client_from("198.51.100.20"), HOME);
    let (_, page) = fixture.begin_waiting().await;
    assert!(page.text.contains("gets no notification right now"), "{}", page.summary());
    let page = fixture.approve(&page).await;
    assert_eq!(page.url.path(), "/signin/new-password", "{}", page.summary());
}

#[tokio::test]
async fn too_many_requests_in_a_row_have_to_wait_and_the_page_says_how_long() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, mut page) = fixture.begin_waiting().await;
    for _ in 0..2 {
        fixture.test_app.clock.advance(11);
        page = fixture.browser.send(sending(&page)).await;
        assert_waiting(&page);
    }
    let number = page.text_of("number");
    fixture.test_app.clock.advance(9);
    let refused = fixture.browser.send(sending(&page)).await;
    assert_eq!(refused.text_of("number"), number, "what is open stays open");
    assert!(refused.text.contains("A request was sent just now. You can try again in 1 second."));
    assert_eq!(fixture.phone.open_challenges().await.expect("a list").len(), 1);
    fixture.test_app.clock.advance(81);
    let expired = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(state(&expired), "expired");
    assert!(
        expired
            .text
            .contains("Several requests in a row were not approved. You can try again in 10 seconds.")
    );
    let refused = fixture.browser.send(sending(&expired)).await;
    assert_eq!(state(&refused), "expired");
    fixture.test_app.clock.advance(10);
    let page = fixture.browser.send(sending(&refused)).await;
    assert_waiting(&page);
}

#[tokio::test]
async fn a_reachable_phone_is_notified_except_while_it_is_muted() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.subscribe().await;
    let (_, page) = fixture.begin_waiting().await;
    let open = fixture.phone.open_challenges().await.expect("a list");
    let queued_rows = fixture.queued().await;
    assert_eq!(queued_rows.len(), 1);
    assert_eq!(queued_rows[0].payload["content"]["countersign"]["cid"], open[0].as_str());
    assert!(!queued_rows[0].payload.to_string().contains("alice"), "the push names no person");
    assert!(page.attribute("[role=alert]", "role").is_none(), "{}", page.summary());
    fixture.answer(Act::Report("unsure")).await.expect("an answer");
    fixture.test_app.clock.advance(30);
    fixture.browser = Browser::new(fixture.test_app.http_client_from("198.51.100.20"), HOME);
    fixture.begin_waiting().await;
    assert_eq!(
        fixture.phone.open_challenges().await.expect("a list").len(),
        1,
        "the phone can still fetch it"
    );
    assert!(fixture.queued().await.is_empty());
}

#[tokio::test]
async fn a_third_sign_in_sends_no_challenge_while_two_are_open() {
    let mut fixture = PushFixture::with_phone().await;
    for _ in 0..2 {
        fixture.begin_waiting().await;
        fixture.test_app.clock.advance(1);
    }
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    assert_eq!((page.url.path(), page.text_of("number")), ("/signin/push", None), "{}", page.summary());
    assert_eq!(fixture.phone.open_challenges().await.expect("a list").len(), 2);
    fixture.test_app.clock.advance(90);
    assert_waiting(&fixture.browser.send(sending(&page)).await);
    assert_eq!(fixture.phone.open_challenges().await.expect("a list").len(), 1);
}
