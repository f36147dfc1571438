//! RFC 9207: every authorization response names the issuer, errors included. `Answer` checks `iss` in all
//! tests; this file covers each kind of response.

use crate::support::{
    seed::PASSWORD,
    sign_in::{Answer, give_password, request, sign_in},
    test_app::{HOME, TestApp},
};

#[tokio::test]
async fn every_authorization_response_names_the_issuer() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let refused = Answer::of(&browser.go(&request("app", &[("max_age", "x")])).await);
    let silent = Answer::of(&browser.go(&request("app", &[("prompt", "none")])).await);
    let page = browser.go(&request("app", &[])).await;
    let cancelled = Answer::of(&browser.send(page.form("decision").press("deny")).await);
    let code = sign_in(&mut browser, "grace").await;
    let posted = Answer::of(&browser.go(&request("quiet_app", &[("response_mode", "form_post")])).await);
    let expected = ["invalid_request", "login_required", "access_denied", "", ""];
    for (answer, error) in [refused, silent, cancelled, code, posted].iter().zip(expected) {
        assert_eq!(answer.error(), error);
        assert_eq!(answer.parameters["iss"], HOME);
    }
}

#[tokio::test]
async fn a_page_of_the_server_is_not_an_authorization_response() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("nobody", &[])).await;
    assert!(Answer::seek(&page).is_none());
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    assert!(Answer::seek(&page).is_none(), "the consent page: {}", page.summary());
}
