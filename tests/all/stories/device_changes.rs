//! A person learns that a device was added, removed or got another key: on the other phones, and on the front
//! page.

use crate::support::{
    page::Page,
    phone::{Claim, Phone},
    push_fixture::{PushFixture, assert_waiting, sending},
    seed::PASSWORD,
    sign_in::give_password,
};
use countersign::actions::people;
use http::Method;
use serde_json::json;

/// Alice at the front page, with a phone that receives notifications.
async fn at_home() -> (PushFixture, Page) {
    let mut fixture = PushFixture::with_phone().await;
    fixture.subscribe().await;
    let page = fixture.browser.go("/signin").await;
    let page = give_password(&mut fixture.browser, &page, "alice", PASSWORD).await;
    let home = fixture.approve(&page).await;
    fixture.test_app.clock.advance(60);
    fixture.queued().await;
    (fixture, home)
}

/// Adds another phone at the front page.
async fn add(fixture: &mut PushFixture, home: &Page) -> (Phone, Page) {
    let page = fixture.browser.send(home.form("Add a phone").press("Add a phone")).await;
    let page = fixture.browser.send(sending(&page)).await;
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let mut phone = fixture.test_app.phone();
    let offer = phone.claim(&Claim::scan(&link)).await.expect("an offer");
    let code = phone.complete(&offer, &json!({"kind": "none"})).await.expect("a code");
    fixture.queued().await;
    let home = fixture.confirm(&page, &code).await;
    assert_eq!(home.url.path(), "/", "{}", home.summary());
    (phone, home)
}

/// The words of the messages that are queued since the last call.
async fn told(fixture: &PushFixture) -> Vec<String> {
    let rows = fixture.queued().await;
    let word = |row: &countersign::storage::outbox::LeasedRow| {
        row.payload["content"]["countersign"]["t"].as_str().expect("a word").to_owned()
    };
    rows.iter().map(word).collect()
}

#[tokio::test]
async fn the_other_phone_and_the_front_page_tell_of_an_added_and_of_a_removed_device() {
    let (mut fixture, home) = at_home().await;
    assert!(!home.text.contains("was removed"), "{}", home.text);
    let (mut second, home) = add(&mut fixture, &home).await;
    assert_eq!(told(&fixture).await, ["device_added"]);
    assert!(home.text.contains("was added less than an hour ago."), "{}", home.text);
    fixture.test_app.clock.advance(3 * 3600);
    second.ask(Method::DELETE, "/device/v1/self", None).await.expect("removed");
    // After the lease of the test the earlier ones are due again.
    let removed = told(&fixture).await.into_iter().filter(|word| word == "device_removed").count();
    assert_eq!(removed, 1);
    let home = fixture.browser.go("/").await;
    assert!(home.text.contains("was removed less than an hour ago."), "{}", home.text);
    assert!(home.text.contains("was added 3 hours ago."), "{}", home.text);
    fixture.test_app.clock.advance(60);
    assert!(told(&fixture).await.is_empty(), "once");
}

#[tokio::test]
async fn the_other_phone_and_the_front_page_tell_of_a_replaced_key() {
    let (mut fixture, home) = at_home().await;
    let (second, home) = add(&mut fixture, &home).await;
    assert!(!home.text.contains("got a new key"), "{}", home.text);
    told(&fixture).await;
    let fresh = fixture.test_app.phone();
    let account = second.account.clone().expect("an account");
    let inner = json!({"aud": account.issuer, "dev": account.device_id, "old_kid": second.kid(),
        "new_jwk": fresh.jwk(), "iat": 1});
    let inner = fresh.sign_as("countersign-rotate+jwt", &inner);
    let outer = json!({"aud": account.issuer, "iss": account.device_id, "inner": inner, "iat": 1});
    let body = json!({"jws": second.sign_as("countersign-rotate+jwt", &outer)});
    for _ in 0..2 {
        let rotated = fixture.test_app.phone().ask(Method::POST, "/device/v1/key", Some(&body)).await;
        assert_eq!(rotated.expect("a new key")["kid"], fresh.kid());
    }
    assert_eq!(told(&fixture).await, ["device_key_replaced"], "once, though the same bytes came twice");
    let home = fixture.browser.go("/").await;
    assert_eq!(home.text.matches("got a new key less than an hour ago.").count(), 1, "{}", home.text);
}

#[tokio::test]
async fn a_phone_that_was_never_confirmed_is_no_news() {
    let (mut fixture, home) = at_home().await;
    let page = fixture.browser.send(home.form("Add a phone").press("Add a phone")).await;
    let page = fixture.browser.send(sending(&page)).await;
    let page = fixture.approve(&page).await;
    let link = page.attribute("#enroll-link", "href").expect("a link");
    let mut phone = fixture.test_app.phone();
    let offer = phone.claim(&Claim::scan(&link)).await.expect("an offer");
    phone.complete(&offer, &json!({"kind": "none"})).await.expect("a code");
    told(&fixture).await;
    fixture.browser.send(page.form("Cancel").press("Cancel")).await;
    assert!(told(&fixture).await.is_empty());
}

#[tokio::test]
async fn a_reset_tells_no_device_that_goes_with_it() {
    let (mut fixture, home) = at_home().await;
    add(&mut fixture, &home).await;
    told(&fixture).await;
    let app = &fixture.test_app.app;
    let context = app.command_context().await.expect("a tenant");
    people::reset_factors(app, &context, fixture.test_app.seed.alice).await.expect("reset");
    assert_eq!(told(&fixture).await, ["removed"], "to the phone itself");
}
