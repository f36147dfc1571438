//! The QR code of the waiting page, scanned within the authenticator instead of typing the number.

use crate::support::{
    browser::Browser,
    page::Page,
    phone::Act,
    push_fixture::{PushFixture, assert_waiting, sending, state},
};
use countersign::storage::challenges;
use serde_json::json;

async fn show_code(browser: &mut Browser, page: &Page) -> Page {
    let address = page.link("Show QR code instead").expect("a way to the code");
    browser.go(address.as_str()).await
}

fn code_of(page: &Page) -> String {
    page.attribute("#push-qr", "data-text").unwrap_or_else(|| panic!("no code: {}", page.summary()))
}

#[tokio::test]
async fn the_code_is_shown_on_demand_and_approves() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    assert!(page.text_of("number").is_some() && page.attribute("#push-qr", "data-text").is_none());
    let shown = show_code(&mut fixture.browser, &page).await;
    assert_eq!(shown.text_of("number"), None);
    let again = show_code(&mut fixture.browser, &page).await;
    assert_eq!(code_of(&shown), code_of(&again), "the same code as long as it is the same request");
    let number = shown.link("Show the number instead").expect("a way back");
    assert_eq!(fixture.browser.go(number.as_str()).await.text_of("number"), page.text_of("number"));

    assert_eq!(fixture.answer(Act::Scan(&code_of(&shown))).await.as_deref(), Ok("approved"));
    let page = fixture.go_on(&shown).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd", "pop", "swk", "user", "mfa"]));
}

#[tokio::test]
async fn looking_at_the_code_changes_nothing() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let cid = fixture.phone.open_challenges().await.expect("a list").pop().expect("a request");
    let row = async || {
        challenges::find(&fixture.test_app.app.storage, cid.parse().expect("an id")).await.expect("a row")
    };
    let before = row().await;
    let mut browser = fixture.browser.clone();
    let shown = show_code(&mut browser, &page).await;
    assert!(code_of(&shown).contains(&format!("/authenticator/#c={cid}.")), "{}", code_of(&shown));
    assert_eq!(row().await, before);
}

#[tokio::test]
async fn the_code_belongs_to_the_browser_that_asked() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let mut stranger = fixture.test_app.browser();
    let shown = show_code(&mut stranger, &page).await;
    assert_eq!(shown.attribute("#push-qr", "data-text"), None, "{}", shown.summary());
    let shown = show_code(&mut fixture.browser, &page).await;
    assert!(!code_of(&shown).is_empty());
}

#[tokio::test]
async fn sending_again_makes_another_code_and_the_old_one_approves_nothing() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let old = show_code(&mut fixture.browser, &page).await;
    let of_old = fixture.look().await;
    fixture.test_app.clock.advance(11);
    let page = fixture.browser.send(sending(&old)).await;
    assert_waiting(&page);
    assert!(page.text_of("number").is_some(), "the number comes first again");
    let new = show_code(&mut fixture.browser, &page).await;
    assert_ne!(code_of(&old), code_of(&new));
    let late = fixture.phone.answer(&of_old, Act::Scan(&code_of(&old))).await;
    assert_eq!(late.expect_err("it is withdrawn").code, "challenge_closed");

    // The old nonce under the new request, as no honest phone would send it.
    let of_new = fixture.look().await;
    let nonce = code_of(&old).rsplit_once('.').expect("a nonce").1.to_owned();
    let mixed = format!("{}.{nonce}", code_of(&new).rsplit_once('.').expect("a challenge").0);
    let refused = fixture.phone.answer(&of_new, Act::Scan(&mixed)).await.expect_err("another's code");
    assert_eq!((refused.code.as_str(), refused.state.as_deref()), ("number_mismatch", Some("denied")));
    let page = fixture.browser.go(new.url.as_str()).await;
    assert!(page.departure.is_none(), "the browser stays on the page: {}", page.summary());
}

#[tokio::test]
async fn a_request_that_is_over_shows_no_code() {
    let mut fixture = PushFixture::with_phone().await;
    let (_, page) = fixture.begin_waiting().await;
    let shown = show_code(&mut fixture.browser, &page).await;
    fixture.test_app.clock.advance(91);
    let over = fixture.browser.go(shown.url.as_str()).await;
    assert_eq!((state(&over).as_str(), over.attribute("#push-qr", "data-text")), ("expired", None));
}
