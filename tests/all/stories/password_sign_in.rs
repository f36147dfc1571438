//! A guest signs in to an application with a password alone, and an application that asks for more gets more.

use crate::support::{seed::PASSWORD, test_app::TestApp};

#[tokio::test]
async fn a_guest_signs_in_with_a_password_and_comes_back_with_a_code() {
    let test_app = TestApp::new().await;
    let (app, mut browser) = (test_app.relying_party("quiet_app"), test_app.browser());
    let ask = app.ask().await;
    let page = browser.go(&ask.address()).await;
    assert!(page.url.path().ends_with("/signin/identifier"), "{}", page.summary());
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    assert!(page.url.path().ends_with("/signin/password"), "{}", page.summary());
    let page = browser.send(page.form("password").fill("password", "not this one at all").submit()).await;
    assert!(page.url.path().ends_with("/signin/password"), "{}", page.summary());
    assert!(page.text.contains("do not match"), "{}", page.summary());
    let page = browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert!(app.receive(&ask, &page).is_ok(), "{}", page.summary());
}
