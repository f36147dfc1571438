//! OAuth 2.0 Form Post Response Mode: the browser posts the authorization response as a form.

use crate::support::{
    seed::{PASSWORD, REDIRECT_URI},
    sign_in::{Answer, give_password, request},
    test_app::TestApp,
};
use http::StatusCode;

#[tokio::test]
async fn code_and_error_are_posted_and_the_url_has_neither() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let hostile = "\"><script>alert(1)</script>&amp;";
    let posted = [("response_mode", "form_post"), ("state", hostile)];
    let page = browser.go(&request("quiet_app", &posted)).await;
    let code = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let error =
        test_app.browser().go(&request("quiet_app", &[&posted[..], &[("prompt", "none")]].concat())).await;
    let early =
        test_app.browser().go(&request("quiet_app", &[&posted[..], &[("max_age", "x")]].concat())).await;
    for (page, expected) in [(code, ""), (error, "login_required"), (early, "invalid_request")] {
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.departure.is_none(), "no redirect: {}", page.summary());
        let answer = Answer::of(&page);
        assert_eq!((answer.error(), answer.state()), (expected, Some(hostile)));
        assert_eq!(answer.address.as_str(), REDIRECT_URI);
        assert!(!page.text.contains("<script>alert"), "the state is escaped");
        assert_eq!(
            page.header("referrer-policy"),
            "origin",
            "without it the application would see `Origin: null`"
        );
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(
            !page.header("content-security-policy").contains("form-action"),
            "the form posts to another origin"
        );
    }
}

#[tokio::test]
async fn a_registered_query_is_kept() {
    let test_app = TestApp::new().await;
    let uri = crate::support::seed::OTHER_REDIRECT_URI;
    let parameters = [("response_mode", "form_post"), ("prompt", "none"), ("redirect_uri", uri)];
    let answer = Answer::of(&test_app.browser().go(&request("app", &parameters)).await);
    assert_eq!(answer.address.as_str(), uri);
}
