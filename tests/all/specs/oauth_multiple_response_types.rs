//! OAuth 2.0 Multiple Response Type Encoding Practices §2.1: the authorization response in the fragment.

use crate::support::{
    page::Page,
    seed::{PASSWORD, REDIRECT_URI},
    sign_in::{Answer, give_password, request},
    test_app::{HOME, TestApp},
};
use http::StatusCode;
use std::collections::BTreeMap;
use url::form_urlencoded;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const IN_FRAGMENT: [(&str, &str); 3] =
    [("response_mode", "fragment"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];

fn answered(page: &Page) -> BTreeMap<String, String> {
    let address = page.departure.as_ref().unwrap_or_else(|| panic!("no redirect: {}", page.summary()));
    let (redirect_uri, fragment) = address.as_str().split_once('#').expect("a fragment");
    assert_eq!(redirect_uri, REDIRECT_URI, "the query has no parameter of the response");
    form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn a_public_client_receives_code_and_error_in_the_fragment() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("public_app", &IN_FRAGMENT)).await;
    let page = give_password(&mut browser, &page, "grace", PASSWORD).await;
    let code = answered(&browser.send(page.form("decision").press("allow")).await);
    let silent = request("public_app", &[&IN_FRAGMENT[..], &[("prompt", "none")]].concat());
    let error = answered(&test_app.browser().go(&silent).await);
    let early = request("public_app", &[&IN_FRAGMENT[..], &[("max_age", "x")]].concat());
    let early = answered(&test_app.browser().go(&early).await);
    for (answer, expected) in
        [(&code, None), (&error, Some("login_required")), (&early, Some("invalid_request"))]
    {
        assert_eq!(answer.get("error").map(String::as_str), expected);
        assert_eq!(answer.contains_key("code"), expected.is_none());
        assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), ("st-._~", HOME));
    }
}

#[tokio::test]
async fn a_confidential_client_is_refused_the_fragment_mode_with_an_explanation() {
    let test_app = TestApp::new().await;
    let page = test_app.browser().go(&request("app", &IN_FRAGMENT)).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let answer = Answer::of(&page);
    assert_eq!(answer.error(), "invalid_request");
    assert!(answer.parameters["error_description"].contains("expected query or form_post"));
}
