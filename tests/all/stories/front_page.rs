//! The front page names the issuer, and the signed-in person if there is one.

use crate::support::{sign_in::sign_in, test_app::TestApp};

#[tokio::test]
async fn the_front_page_names_the_signed_in_person_only() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let before = browser.go("/").await;
    assert!(before.text.contains(test_app.app.public_url.as_str()), "{}", before.summary());
    assert!(!before.text.contains("grace"));
    sign_in(&mut browser, "grace").await;
    let after = browser.go("/").await;
    assert!(after.text.contains("grace"), "{}", after.summary());
    assert!(after.link("Sign out").is_some() || after.forms().iter().any(|form| form.has("Sign out")));
    let stranger = test_app.browser().go("/").await;
    assert!(!stranger.text.contains("grace"));
}
