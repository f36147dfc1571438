//! An application asks for more than the session has: only what is missing is asked for.

use crate::house::{
    cookie_jar::Initiator,
    push_desk::{PushDesk, assert_waiting, sending, state},
};
use http::{Method, Request, header};
use serde_json::json;

/// Grace is signed in by password alone, and has a phone.
async fn grace() -> PushDesk {
    let mut desk = PushDesk::of("grace").await.and_phone().await;
    let ask = desk.app.ask().await;
    let page = desk.sign_in(&ask).await;
    let tokens = desk.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd"]));
    desk
}

#[tokio::test]
async fn a_step_up_leads_straight_to_the_phone_and_its_page_rings_nothing() {
    let mut desk = grace().await;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    let page = desk.browser.go(&ask.address()).await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert!(page.attribute("form[data-sends-itself]", "action").is_some(), "a script sends it");
    let reloaded = desk.browser.go(page.url.as_str()).await;
    assert_eq!(reloaded.status.as_u16(), 200);
    assert!(desk.phone.open_challenges().await.expect("a list").is_empty(), "no page rings a phone");
    let page = desk.browser.send(sending(&page)).await;
    assert_waiting(&page);
    let page = desk.approve(&page).await;
    let tokens = desk.tokens(&ask, &page).await;
    assert_eq!(
        (&tokens.claims["acr"], tokens.claims["amr"].as_array().map(Vec::len)),
        (&json!("2fa"), Some(5))
    );
}

#[tokio::test]
async fn whoever_only_looks_ahead_causes_nothing() {
    let mut desk = grace().await;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    let page = desk.browser.go(&ask.address()).await;
    let wire = desk.house.wire_from("192.0.2.1");
    for (method, header) in
        [(Method::HEAD, ""), (Method::GET, "prefetch;prerender"), (Method::HEAD, "prefetch")]
    {
        for path in ["/signin/push", "/signin/push/send", "/signin/push/events", "/signin/push/status"] {
            let mut url = page.url.clone();
            url.set_path(path);
            let cookies =
                desk.browser.cookies.header_for(&url, &method, Initiator::SameOrigin).expect("cookies");
            let request = Request::builder().method(method.clone()).uri(url.as_str());
            let request = request.header(header::COOKIE, cookies).header("sec-purpose", header);
            wire.open(request.body(hyper::body::Bytes::new()).expect("a request")).await;
        }
    }
    assert!(desk.phone.open_challenges().await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_step_up_that_is_cancelled_leaves_the_session_as_it_was() {
    let mut desk = grace().await;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    let page = desk.browser.go(&ask.address()).await;
    let page = desk.browser.send(page.form("Cancel").press("Cancel")).await;
    assert_eq!(desk.app.receive(&ask, &page).expect_err("no code").error, "access_denied");
    let ask = desk.app.ask().await.with("prompt", "none");
    let page = desk.browser.go(&ask.address()).await;
    assert_eq!(desk.tokens(&ask, &page).await.claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_session_of_two_factors_is_not_asked_again() {
    let mut desk = PushDesk::with_phone().await;
    let (ask, page) = desk.begin_waiting().await;
    let page = desk.approve(&page).await;
    desk.tokens(&ask, &page).await;
    let ask = desk.app.ask().await.with("acr_values", "2fa");
    let page = desk.browser.go(&ask.address()).await;
    assert_eq!(desk.tokens(&ask, &page).await.claims["acr"], "2fa");
}

#[tokio::test]
async fn a_code_takes_the_place_of_the_approval_at_any_time() {
    let mut desk = PushDesk::with_phone().await;
    let (ask, waiting) = desk.begin_waiting().await;
    let address = waiting.link("Enter a code").expect("a link");
    let page = desk.browser.go(address.as_str()).await;
    let code = desk.phone.totp_code();
    let page = desk.browser.send(page.form("code").fill("code", &code).press("Continue")).await;
    let tokens = desk.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert!(desk.phone.open_challenges().await.expect("a list").is_empty(), "the request is withdrawn");
}

#[tokio::test]
async fn a_wrong_code_leaves_the_request_open() {
    let mut desk = PushDesk::with_phone().await;
    let (ask, waiting) = desk.begin_waiting().await;
    let address = waiting.link("Enter a code").expect("a link");
    let page = desk.browser.go(address.as_str()).await;
    let right = desk.phone.totp_code();
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let page = desk.browser.send(page.form("code").fill("code", wrong).press("Continue")).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    let page = desk.browser.go(waiting.url.as_str()).await;
    assert_eq!(state(&page), "pending");
    let page = desk.approve(&page).await;
    desk.tokens(&ask, &page).await;
}
