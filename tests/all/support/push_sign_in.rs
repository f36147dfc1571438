//! The steps of Ada, the demo's person, at the pages and on her phone.

use super::{
    browser::Browser,
    event_stream::EventStream,
    page::Page,
    phone::{Act, Claim, Phone},
    process::Process,
    relying_party::{Ask, RelyingParty},
    sign_in::give_password,
};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest time until a waiting page is notified on a loaded machine.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// Starts a sign-in and sends the password at the browser's node; returns the next page.
pub async fn to_second_factor(node: &Process, browser: &mut Browser, app: &RelyingParty) -> (Ask, Page) {
    let ask = app.ask().await;
    let page = browser.go(&ask.address()).await;
    let page = give_password(browser, &page, node.said("username"), node.said("password")).await;
    (ask, page)
}

/// Adds the phone at the page that offers it; returns the next page.
pub async fn enroll(browser: &mut Browser, page: &Page, phone: &mut Phone) -> Page {
    assert_eq!(page.url.path(), "/signin/enroll", "{}", page.summary());
    let link = page.attribute("#enroll-link", "href").expect("a link in the code");
    let offer = phone.claim(&Claim::scan(&link)).await.expect("an offer");
    let code = phone.complete(&offer, &json!({"kind": "none"})).await.expect("a confirmation code");
    browser.send(page.form("confirmation").fill("confirmation", &code).press("Confirm")).await
}

/// The page that waits for the phone, with its number.
pub async fn send_request(browser: &mut Browser, page: &Page) -> Page {
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    if page.text_of("number").is_some() {
        return page.clone();
    }
    browser.send(page.form("Send the request").press("Send the request")).await
}

/// Types the number of the page into the phone.
pub async fn approve(page: &Page, phone: &mut Phone) {
    let number = page.text_of("number").unwrap_or_else(|| panic!("no number: {}", page.summary()));
    let open = phone.open_challenges().await.expect("a list");
    let challenge = phone.fetch(open.last().expect("a challenge")).await.expect("a challenge");
    assert_eq!(phone.answer(&challenge, Act::Approve(&number)).await.as_deref(), Ok("approved"));
}

/// Continues from the page that waited, and allows the application if asked; returns the authorization
/// response.
pub async fn go_on(browser: &mut Browser, page: &Page) -> Page {
    let page = browser.send(page.form("I have approved it").press("I have approved it")).await;
    if page.url.path() == "/consent" { browser.send(page.form("Allow").press("Allow")).await } else { page }
}

/// Opens the event stream of a waiting page.
pub async fn listen(browser: &mut Browser, page: &Page) -> EventStream {
    let address = page.attribute("#push-state", "data-events").expect("an address of events");
    browser.listen(page, &address).await.unwrap_or_else(|page| panic!("no stream: {}", page.summary()))
}

/// Reads events until `state` arrives; opens a closed stream again, like browsers.
pub async fn hear(browser: &mut Browser, page: &Page, mut stream: EventStream, state: &str) {
    let heard = async {
        loop {
            match stream.next().await {
                Some(event) => {
                    let body: Value = serde_json::from_str(&event.data).expect("JSON");
                    if body["state"] == state {
                        return;
                    }
                }
                None => stream = listen(browser, page).await,
            }
        }
    };
    tokio::time::timeout(LONGEST_WAIT, heard)
        .await
        .unwrap_or_else(|_| panic!("no event with the state {state}"));
}
