//! What is counted by network counts an IPv6 source in its wider networks as well, and for all nodes together where the
//! database counts.

use crate::support::{
    browser::Browser,
    http_client::HttpClient,
    page::Page,
    seed::PASSWORD,
    sign_in::request,
    test_app::{HOME, TestApp},
};
use ::entity::{audit_event, journey};
use countersign::storage::Executor;
use http::{Request, StatusCode};
use hyper::body::Bytes;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// A browser in this subnet of 2001:db8::/32 that has typed a name.
async fn named_in(test_app: &TestApp, subnet: &str) -> (Browser, Page) {
    let address = format!("[2001:db8:{subnet}::1]");
    let mut browser = Browser::new(test_app.http_client_from(&address), HOME);
    let page = browser.go(&request("quiet_app", &[])).await;
    let page = browser.send(page.form("username").fill("username", "grace").submit()).await;
    (browser, page)
}

async fn in_progress(test_app: &TestApp) -> u64 {
    journey::Entity::find().count(test_app.app.storage.connection()).await.expect("a count")
}

#[tokio::test]
async fn sign_ins_of_one_ipv6_subscriber_make_room_for_each_other_and_for_nobody_else() {
    let test_app = TestApp::configured(|config| config.limits.journeys_per_source = 1).await;
    let (mut first, page) = named_in(&test_app, "1:1").await;
    for subnet in ["1:2", "1:3", "1:4"] {
        named_in(&test_app, subnet).await;
    }
    assert_eq!(in_progress(&test_app).await, 4, "four times the limit in a /56");
    named_in(&test_app, "2:1").await;
    named_in(&test_app, "1:5").await;
    assert_eq!(in_progress(&test_app).await, 5, "the oldest of the /56 made room");
    let gone = first.send(page.form("password").fill("password", PASSWORD).submit()).await;
    assert_eq!(gone.status, StatusCode::BAD_REQUEST, "{}", gone.summary());
    for number in 1..=20 {
        named_in(&test_app, &format!("1:{number}00")).await;
    }
    assert_eq!(in_progress(&test_app).await, 16 + 1, "sixteen times the limit in a /48, and another /48");
}

/// Authenticates the client wrongly; the answer is 401.
async fn fail(http_client: &HttpClient, client: &str) {
    let body = format!("grant_type=refresh_token&refresh_token=x&client_id={client}&client_secret=wrong");
    let request = Request::builder()
        .method("POST")
        .uri(format!("{HOME}/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body));
    assert_eq!(http_client.send(request.unwrap()).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_client_that_fails_at_two_nodes_is_one_event_an_hour() {
    let test_app = TestApp::new().await;
    let nodes = [
        test_app.http_client_from("192.0.2.1"),
        test_app.http_client_of_another_node("192.0.2.2").await,
        test_app.http_client_of_another_node("192.0.2.3").await,
    ];
    let events = async || {
        let failures =
            audit_event::Entity::find().filter(audit_event::Column::Code.eq("client.authentication_failed"));
        failures.count(test_app.app.storage.connection()).await.expect("a count")
    };
    for node in &nodes {
        for client in ["app", "nobody"] {
            fail(node, client).await;
        }
    }
    assert_eq!(events().await, 2, "one of each");
    test_app.clock.advance(3600);
    for node in &nodes {
        fail(node, "app").await;
    }
    assert_eq!(events().await, 3);
}
