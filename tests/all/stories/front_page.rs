//! The front page says what the server is, and to whoever is signed in, who they are.

use crate::support::{sign_in::sign_in, test_app::TestApp};

#[tokio::test]
async fn the_front_page_names_whoever_is_signed_in_and_nobody_else() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let before = browser.go("/").await;
    assert!(before.text.contains(test_app.app.issuer()), "{}", before.summary());
    assert!(!before.text.contains("grace"));
    sign_in(&mut browser, "grace").await;
    let after = browser.go("/").await;
    assert!(after.text.contains("grace"), "{}", after.summary());
    assert!(after.link("Sign out").is_some() || after.forms().iter().any(|form| form.has("Sign out")));
    let stranger = test_app.browser().go("/").await;
    assert!(!stranger.text.contains("grace"));
}
