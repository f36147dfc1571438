//! The server is killed and restarted: nothing that it acknowledged is lost, and nothing can be used twice.

use crate::support::{
    process::Process,
    push_sign_in::{approve, enroll, go_on, hear, listen, send_request, to_second_factor},
    test_database::TestDatabase,
};

#[tokio::test]
async fn a_sign_in_goes_on_after_each_crash() {
    let database = TestDatabase::new().await;
    let mut node = Process::start(database.url()).await;
    let (app, mut browser, mut phone) = (node.relying_party(), node.browser(), node.phone());

    let (ask, page) = to_second_factor(&node, &mut browser, &app).await;
    node.kill_and_restart().await; // after the password

    let page = enroll(&mut browser, &page, &mut phone).await;
    let page = send_request(&mut browser, &page).await;
    node.kill_and_restart().await; // after the request was sent, and the phone was added

    let stream = listen(&mut browser, &page).await;
    approve(&page, &mut phone).await;
    hear(&mut browser, &page, stream, "approved").await;
    node.kill_and_restart().await; // after the approval

    let page = go_on(&mut browser, &page).await;
    let code = app.receive(&ask, &page).expect("a code");
    node.kill_and_restart().await; // after the code

    let tokens = app.redeem(&ask, &code).await.expect("a code outlives the process");
    let fresh = app.refresh(&tokens).await.expect("tokens");
    node.kill_and_restart().await; // after the refresh

    let newest = app.refresh(&fresh).await.expect("the new refresh token was kept");
    assert_eq!(app.userinfo(&newest).await.expect("claims")["sub"], newest.claims["sub"]);
    let again = app.redeem(&ask, &code).await.expect_err("a code is redeemed once");
    assert_eq!(again.error, "invalid_grant");
    let revoked = app.refresh(&newest).await.expect_err("what came of a code that is shown twice is revoked");
    assert_eq!(revoked.error, "invalid_grant");
}
