//! Two nodes on one PostgreSQL database: each request may go to either. SQLite has one node.

use crate::support::{
    process::Process,
    push_sign_in::{approve, enroll, go_on, hear, listen, send_request, to_second_factor},
    test_database::TestDatabase,
};
use http::StatusCode;

#[tokio::test]
async fn a_change_at_one_node_takes_effect_at_the_other() {
    let database = TestDatabase::new().await;
    let a = Process::start(database.url()).await;
    if !database.is_postgres() {
        return a_second_process_on_the_file_is_refused(&a).await;
    }
    let mut b = a.start_beside().await;
    let (app_a, app_b) = (a.relying_party(), b.relying_party());
    let mut phone = b.phone();

    // The page waits at A, the phone answers at B, and the approval is used at A.
    let mut browser = a.browser();
    let (ask, page) = to_second_factor(&a, &mut browser, &app_a).await;
    let page = enroll(&mut browser, &page, &mut phone).await;
    let page = send_request(&mut browser, &page).await;
    let stream = listen(&mut browser, &page).await;
    approve(&page, &mut phone).await;
    hear(&mut browser, &page, stream, "approved").await;
    let page = go_on(&mut browser, &page).await;
    let code = app_a.receive(&ask, &page).expect("a code");
    let tokens = app_b.redeem(&ask, &code).await.expect("a code of A is redeemed at B");

    // Tokens of one node are valid at the other.
    let fresh = app_a.refresh(&tokens).await.expect("tokens of B are refreshed at A");
    let fresh = app_b.refresh(&fresh).await.expect("tokens of A are refreshed at B");
    assert_eq!(app_a.introspect(&fresh.access_token).await.expect("an answer")["active"], true);

    // So is the session, until either node ends it.
    browser.move_to(b.http_client());
    let ask = app_b.ask().await.with("prompt", "none");
    let page = browser.go(&ask.address()).await;
    app_b.receive(&ask, &page).expect("the session of A is one at B");
    browser.move_to(a.http_client());
    let page = browser.go(&format!("/signout?id_token_hint={}", fresh.id_token)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.summary());
    browser.move_to(b.http_client());
    let page = browser.go(&ask.address()).await;
    assert_eq!(app_b.receive(&ask, &page).expect_err("signed out").error, "login_required");
    assert_eq!(app_b.refresh(&fresh).await.expect_err("signed out").error, "invalid_grant");

    // An approval that was given at B is used at B, although the page waited at A.
    let mut browser = a.browser();
    let (ask, page) = to_second_factor(&a, &mut browser, &app_a).await;
    let page = send_request(&mut browser, &page).await;
    let stream = listen(&mut browser, &page).await;
    approve(&page, &mut phone).await;
    hear(&mut browser, &page, stream, "approved").await;
    browser.move_to(b.http_client());
    let page = go_on(&mut browser, &page).await;
    app_a.receive(&ask, &page).expect("a code");

    // B is killed as soon as it has acknowledged the approval.
    let mut browser = a.browser();
    let (ask, page) = to_second_factor(&a, &mut browser, &app_a).await;
    let page = send_request(&mut browser, &page).await;
    let stream = listen(&mut browser, &page).await;
    approve(&page, &mut phone).await;
    b.kill();
    hear(&mut browser, &page, stream, "approved").await;
    let page = go_on(&mut browser, &page).await;
    let code = app_a.receive(&ask, &page).expect("a code");
    app_a.redeem(&ask, &code).await.expect("A goes on alone");
}

async fn a_second_process_on_the_file_is_refused(first: &Process) {
    let (ended, stderr) = first.try_beside().await;
    assert!(!ended.success(), "{ended}");
    assert!(stderr.contains("another process holds"), "{stderr}");
    assert!(stderr.contains("stop it first"), "{stderr}");
    first.relying_party().metadata().await;
}
