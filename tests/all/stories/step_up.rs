//! An application requires more than the session has: only the missing factor is asked for.

use crate::support::{
    cookie_jar::Initiator,
    push_fixture::{PushFixture, assert_waiting, sending, state},
};
use http::{Method, Request, header};
use serde_json::json;

/// Grace is signed in by password alone, and has a phone.
async fn grace() -> PushFixture {
    let mut fixture = PushFixture::of("grace").await.and_phone().await;
    let ask = fixture.app.ask().await;
    let page = fixture.sign_in(&ask).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd"]));
    fixture
}

#[tokio::test]
async fn a_step_up_leads_straight_to_the_phone_and_its_page_sends_nothing() {
    let mut fixture = grace().await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.browser.go(&ask.address()).await;
    assert_eq!(page.url.path(), "/signin/push", "{}", page.summary());
    assert!(page.attribute("form[data-sends-itself]", "action").is_some(), "a script sends it");
    let reloaded = fixture.browser.go(page.url.as_str()).await;
    assert_eq!(reloaded.status.as_u16(), 200);
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty(), "no page sends a challenge");
    let page = fixture.browser.send(sending(&page)).await;
    assert_waiting(&page);
    let page = fixture.approve(&page).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(
        (&tokens.claims["acr"], tokens.claims["amr"].as_array().map(Vec::len)),
        (&json!("2fa"), Some(5))
    );
}

#[tokio::test]
async fn a_prefetch_of_a_push_page_sends_no_challenge() {
    let mut fixture = grace().await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.browser.go(&ask.address()).await;
    let http_client = fixture.test_app.http_client_from("192.0.2.1");
    for (method, header) in
        [(Method::HEAD, ""), (Method::GET, "prefetch;prerender"), (Method::HEAD, "prefetch")]
    {
        for path in ["/signin/push", "/signin/push/send", "/signin/push/events", "/signin/push/status"] {
            let mut url = page.url.clone();
            url.set_path(path);
            let cookies =
                fixture.browser.cookies.header_for(&url, &method, Initiator::SameOrigin).expect("cookies");
            let request = Request::builder().method(method.clone()).uri(url.as_str());
            let request = request.header(header::COOKIE, cookies).header("sec-purpose", header);
            http_client.open(request.body(hyper::body::Bytes::new()).expect("a request")).await;
        }
    }
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_step_up_that_is_cancelled_leaves_the_session_as_it_was() {
    let mut fixture = grace().await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.browser.go(&ask.address()).await;
    let page = fixture.browser.send(page.form("Cancel").press("Cancel")).await;
    assert_eq!(fixture.app.receive(&ask, &page).expect_err("no code").error, "access_denied");
    let ask = fixture.app.ask().await.with("prompt", "none");
    let page = fixture.browser.go(&ask.address()).await;
    assert_eq!(fixture.tokens(&ask, &page).await.claims["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn a_session_of_two_factors_is_not_asked_again() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.browser.go(&ask.address()).await;
    assert_eq!(fixture.tokens(&ask, &page).await.claims["acr"], "2fa");
}

#[tokio::test]
async fn a_code_takes_the_place_of_the_approval_at_any_time() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, waiting) = fixture.begin_waiting().await;
    let address = waiting.link("Enter a code").expect("a link");
    let page = fixture.browser.go(address.as_str()).await;
    let code = fixture.phone.totp_code();
    let page = fixture.browser.send(page.form("code").fill("code", &code).press("Continue")).await;
    let tokens = fixture.tokens(&ask, &page).await;
    assert_eq!(tokens.claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert!(fixture.phone.open_challenges().await.expect("a list").is_empty(), "the request is withdrawn");
}

#[tokio::test]
async fn a_wrong_code_leaves_the_request_open() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, waiting) = fixture.begin_waiting().await;
    let address = waiting.link("Enter a code").expect("a link");
    let page = fixture.browser.go(address.as_str()).await;
    let right = fixture.phone.totp_code();
    let wrong = if right == "000000" { "111111" } else { "000000" };
    let page = fixture.browser.send(page.form("code").fill("code", wrong).press("Continue")).await;
    assert_eq!(page.url.path(), "/signin/totp", "{}", page.summary());
    let page = fixture.browser.go(waiting.url.as_str()).await;
    assert_eq!(state(&page), "pending");
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
}
