//! Every audit event names who acted, by which interface, on what and with which result.

use crate::support::{
    push_fixture::PushFixture,
    seed::{PASSWORD, REDIRECT_URI},
    sign_in::{give_password, request},
    test_app::{TestApp, run_clean_up},
    token_fixture::basic,
};
use ::entity::audit_event::{Column, Entity, Model};
use countersign::{
    actions::clients::{self, NewClient},
    directory::ClientSettings,
    storage::Executor,
};
use hyper::body::Bytes;
use sea_orm::{EntityTrait, QueryOrder};
use std::collections::BTreeSet;

/// Every audit event, oldest first.
async fn events(test_app: &TestApp) -> Vec<Model> {
    let events = Entity::find().order_by_asc(Column::Id).all(test_app.app.storage.connection()).await;
    events.expect("storage answers")
}

/// The kinds of events: code, actor, interface, target, result, reason.
async fn kinds(test_app: &TestApp) -> BTreeSet<String> {
    let line = |event: Model| {
        let shown = |word: Option<String>| word.unwrap_or_else(|| "-".to_owned());
        let [actor, via] = [event.actor_kind, event.via].map(shown);
        let [target, result, reason] = [event.target_kind, event.result, event.reason].map(shown);
        format!("{} {actor} {via} {target} {result} {reason}", event.code)
    };
    events(test_app).await.into_iter().map(line).collect()
}

/// One line for each kind.
fn lines(kinds: &BTreeSet<String>) -> String {
    kinds.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_browser_is_anonymous_until_a_factor_is_proved_and_a_phone_acts_for_its_owner() {
    let mut fixture = PushFixture::with_phone().await;
    let (ask, page) = fixture.begin_waiting().await;
    let page = fixture.approve(&page).await;
    fixture.tokens(&ask, &page).await;
    insta::assert_snapshot!(lines(&kinds(&fixture.test_app).await), @r"
    challenge.approved person device challenge succeeded -
    challenge.consumed person signin challenge succeeded -
    challenge.created person signin challenge succeeded -
    challenge.delivered person device challenge succeeded -
    enrollment.claimed anonymous device enrollment succeeded -
    enrollment.completed anonymous device enrollment succeeded -
    enrollment.confirmed person signin enrollment succeeded -
    enrollment.started person signin enrollment succeeded -
    sign_in.succeeded person signin journey succeeded -
    token.issued client oidc grant succeeded -
    ");
    let alice = fixture.test_app.seed.alice.to_string();
    for event in events(&fixture.test_app).await {
        let is_person = event.actor_kind.as_deref() == Some("person");
        assert_eq!(event.actor_id.as_deref() == Some(alice.as_str()), is_person, "{event:?}");
        assert_eq!(event.changes, None);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_client_are_anonymous() {
    let test_app = TestApp::new().await;
    let mut browser = test_app.browser();
    let page = browser.go(&request("app", &[])).await;
    let page = give_password(&mut browser, &page, "alice", "wrong").await;
    browser.send(page.form("password").fill("password", PASSWORD).submit()).await;
    let http = test_app.http_client_from("192.0.2.9");
    let asked = http::Request::post("http://localhost:8080/token")
        .header("authorization", basic("stranger", "secret"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("grant_type=authorization_code&code=x&redirect_uri={REDIRECT_URI}")));
    let answer = http.send(asked.expect("a request")).await;
    assert_eq!(answer.status(), 401);
    insta::assert_snapshot!(lines(&kinds(&test_app).await), @r"
    client.authentication_failed anonymous oidc - refused -
    enrollment.started person signin enrollment succeeded -
    password.wrong anonymous signin journey refused -
    ");
}

#[tokio::test]
async fn a_command_acts_for_the_host_and_the_clean_up_for_the_server() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.begin_waiting().await;
    let (test_app, before) = (&fixture.test_app, kinds(&fixture.test_app).await);
    let context = test_app.app.command_context().await.expect("a tenant");
    let (name, settings) = ("Harbor".to_owned(), ClientSettings::default());
    let new = NewClient { name, settings, pools: Vec::new(), secret: None };
    clients::add(&test_app.app, &context, new).await.expect("a client");
    test_app.clock.advance(600);
    run_clean_up(&test_app.app).await.expect("storage answers");
    let new: BTreeSet<String> = kinds(test_app).await.difference(&before).cloned().collect();
    insta::assert_snapshot!(lines(&new), @r"
    challenge.expired system worker challenge failed unanswered
    client.added host cli client succeeded -
    ");
    for event in events(test_app).await {
        let is_caused_by_a_request = matches!(event.actor_kind.as_deref(), Some("person" | "anonymous"));
        assert_eq!(event.address.is_some(), is_caused_by_a_request, "{event:?}");
    }
}
