//! RFC 9207: every authorization response names the issuer, errors included. `Answer` checks `iss` in all
//! tests; this file covers each kind of response.

use crate::support::{
    seed::{OTHER_REDIRECT_URI, PASSWORD},
    sign_in::{Answer, give_password, request},
    snapshot,
    test_app::TestApp,
};

#[tokio::test]
async fn every_authorization_response_names_the_issuer() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let show = snapshot::authorization_response;
    let refused = browser.go(&request("app", &[("max_age", "x")])).await;
    insta::assert_snapshot!(show(&refused), @"
    303 See Other redirect to https://app.example.com/cb#
    error: invalid_request
    error_description: max_age was received as 'x'; expected a number of seconds from 0 to 4294967295
    iss: http://localhost:8080
    state: st-._~
    ");
    let silent = browser.go(&request("app", &[("prompt", "none")])).await;
    insta::assert_snapshot!(show(&silent), @"
    303 See Other redirect to https://app.example.com/cb#
    error: login_required
    error_description: no session satisfies this request, and prompt=none does not allow interaction
    iss: http://localhost:8080
    state: st-._~
    ");
    let page = browser.go(&request("app", &[])).await;
    let cancelled = browser.send(page.form("decision").press("deny")).await;
    insta::assert_snapshot!(show(&cancelled), @"
    303 See Other redirect to https://app.example.com/cb#
    error: access_denied
    error_description: the person declined
    iss: http://localhost:8080
    state: st-._~
    ");
    let page = browser.go(&request("quiet_app", &[])).await;
    let code = give_password(&mut browser, &page, "grace", PASSWORD).await;
    insta::assert_snapshot!(show(&code), @"
    303 See Other redirect to https://app.example.com/cb#
    code: <code>
    iss: http://localhost:8080
    state: st-._~
    ");
    let posted = browser.go(&request("quiet_app", &[("response_mode", "form_post")])).await;
    insta::assert_snapshot!(show(&posted), @"
    200 OK form to https://app.example.com/cb
    code: <code>
    iss: http://localhost:8080
    state: st-._~
    ");
    let other = [("redirect_uri", OTHER_REDIRECT_URI), ("prompt", "none")];
    insta::assert_snapshot!(show(&browser.go(&request("quiet_app", &other)).await), @"
    303 See Other redirect to https://app.example.com/other#
    code: <code>
    iss: http://localhost:8080
    kept: 1
    state: st-._~
    ");
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
