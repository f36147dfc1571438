//! Alice needs a second factor and has none: she enrolls her phone during the sign-in.

use crate::support::{
    phone::{Act, Claim},
    push_fixture::{PushFixture, assert_waiting, state},
};

#[tokio::test]
async fn a_first_sign_in_adds_the_phone_by_its_link_and_ends_in_tokens() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
    assert!(page.text.contains("<svg") && page.text_of("enroll-qr").is_some());
    let page = fixture.enroll(&page).await;
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["acr"], "2fa");
    assert_eq!(tokens.claims["amr"], serde_json::json!(["pwd", "pop", "swk", "user", "mfa"]));
}

#[tokio::test]
async fn a_phone_is_added_by_the_typed_code_and_its_page_is_updated() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let events = page.attribute("#enroll-state", "data-events").expect("an address");
    let mut events = fixture.browser.listen(&page, &events).await.expect("a stream");
    assert_eq!(events.next().await.expect("how it stands").data, r#"{"v":1,"state":"offered"}"#);
    let typed = page.text_of("activation-code").expect("a code").to_lowercase().replace('-', " ");
    let offer = fixture.phone.claim(&Claim::Code(typed)).await.expect("an offer");
    assert_eq!(events.next().await.expect("news").data, r#"{"v":2,"state":"claimed"}"#);
    let code = fixture.phone.complete(&offer, &serde_json::json!({"kind": "none"})).await.expect("a code");
    assert_eq!(events.next().await.expect("news").data, r#"{"v":3,"state":"completed"}"#);
    let page = fixture.confirm(&page, &format!(" {} {} ", &code[..3], &code[3..])).await;
    assert_eq!(events.next().await.expect("news").data, r#"{"v":4,"state":"confirmed"}"#);
    assert_eq!(events.next().await, None, "nothing more will come");
    assert_eq!(fixture.phone.enrollment_state(&offer).await.expect("a state"), "confirmed");
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn three_wrong_codes_add_no_phone_and_the_next_try_begins_again() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let page = fixture.confirm(&page, "123456").await;
    assert!(page.text.contains("no confirmation code yet"), "before the phone has one");
    let code = fixture.claim_and_complete(&Claim::scan(&link)).await;
    let page = fixture.confirm(&page, "12345").await;
    assert!(page.text.contains("Type the 6 digits"), "costs no attempt");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let page = fixture.confirm(&page, wrong).await;
    assert!(page.text.contains("You have 2 attempts left."), "{}", page.summary());
    let page = fixture.confirm(&page, wrong).await;
    assert!(page.text.contains("You have 1 attempt left."));
    let page = fixture.confirm(&page, wrong).await;
    assert!(page.text.contains("that phone was not added"));
    fixture.test_app.clock.advance(1);
    // The authenticator learns that the codes did not match, forgets its key and makes another.
    fixture.phone = fixture.test_app.phone();
    let page = fixture.browser.send(page.form("decision").press("allow")).await;
    let page = fixture.enroll(&page).await;
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}

#[tokio::test]
async fn the_right_code_at_the_third_try_adds_the_phone() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let code = fixture.claim_and_complete(&Claim::scan(&link)).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let page = fixture.confirm(&page, wrong).await;
    let page = fixture.confirm(&page, wrong).await;
    assert_waiting(&fixture.confirm(&page, &code).await);
}

#[tokio::test]
async fn the_code_adds_the_phone_only_in_the_browser_that_began_its_enrollment() {
    let mut fixture = PushFixture::new().await;
    let (mut elsewhere, other_ask) = (fixture.test_app.browser(), fixture.app.ask().await);
    let other_page = fixture.sign_in_with(&mut elsewhere, &other_ask).await;
    fixture.test_app.clock.advance(1); // so that the enrollments have different times
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let code = fixture.claim_and_complete(&Claim::scan(&link)).await;
    let form = other_page.form("confirmation").fill("confirmation", &code).press("Confirm");
    let refused = elsewhere.send(form).await;
    assert_eq!(refused.url.path(), "/signin/enroll", "{}", refused.summary());
    assert_eq!(fixture.phone.open_challenges().await.expect_err("not confirmed").code, "device_not_active");
    assert_waiting(&fixture.confirm(&page, &code).await);
}

#[tokio::test]
async fn an_offer_ends_in_time_and_another_is_made() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    fixture.test_app.clock.advance(600);
    let problem = fixture.phone.claim(&Claim::scan(&link)).await.expect_err("too late");
    assert_eq!(problem.status.as_u16(), 410, "{problem:?}");
    let page = fixture.browser.go(page.url.as_str()).await;
    let page = fixture.browser.send(page.form("decision").press("allow")).await;
    assert_ne!(page.attribute("#enroll-link", "href").expect("another link"), link);
    assert_waiting(&fixture.enroll(&page).await);
}

#[tokio::test]
async fn cancelling_a_sign_in_withdraws_its_pending_phone() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let offer = fixture.phone.claim(&Claim::scan(&link)).await.expect("an offer");
    fixture.phone.complete(&offer, &serde_json::json!({"kind": "none"})).await.expect("a code");
    let page = fixture.browser.send(page.form("decision").press("Cancel")).await;
    assert_eq!(fixture.app.receive(&ask, &page).expect_err("no code").error, "access_denied");
    assert_eq!(fixture.phone.enrollment_state(&offer).await.expect("a state"), "cancelled");
}

#[tokio::test]
async fn a_claim_by_another_person_adds_no_phone_without_their_browser() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let mut thief = fixture.test_app.phone();
    let offer = thief.claim(&Claim::scan(&link)).await.expect("an offer");
    thief.complete(&offer, &serde_json::json!({"kind": "none"})).await.expect("a code");
    let refused = thief.open_challenges().await.expect_err("not confirmed");
    assert_eq!(refused.code, "device_not_active");
    let late = fixture.phone.claim(&Claim::scan(&link)).await.expect_err("the first one has it");
    assert_eq!(late.code, "already_claimed");
}

#[tokio::test]
async fn a_phone_that_denies_its_first_request_is_enrolled_all_the_same() {
    let mut fixture = PushFixture::new().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let page = fixture.enroll(&page).await;
    assert_eq!(fixture.answer(Act::Deny).await.expect("an answer"), "denied");
    fixture.test_app.clock.advance(11);
    let page = fixture.go_on(&page).await;
    assert_eq!(state(&page), "denied");
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}
