//! Signing keys and VAPID keys rotate while people sign in, on every node and without a restart.

use crate::support::{
    audit_log::AuditLog,
    page::Page,
    process::Process,
    push_fixture::PushFixture,
    push_sign_in::{approve, enroll, go_on, send_request, to_second_factor},
    sign_in::{Answer, request},
    test_app::{SEALING_KEY, TestApp},
    test_database::TestDatabase,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign::{
    actions::{
        ActionError, Conflict,
        keys::{self, Key, Purpose, State},
    },
    limits::lifetimes::{KEY_NEEDED_AFTER_USE_SECONDS, KEY_PUBLISHED_BEFORE_USE_SECONDS},
};
use http::Method;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

/// The longest time until a node has heard of a change on a loaded machine.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

fn kid_of(token: &str) -> String {
    jsonwebtoken::decode_header(token).expect("a token").kid.expect("a key")
}

async fn rotate(test_app: &TestApp, purpose: Purpose) -> Vec<Key> {
    let context = test_app.app.command_context().await.expect("a tenant");
    let made = keys::rotate(&test_app.app, &context, purpose, None).await.expect("new keys");
    test_app.app.directory.forget();
    made
}

async fn retire(test_app: &TestApp, kid: &str, is_forced: bool) -> Result<u64, ActionError> {
    let context = test_app.app.command_context().await.expect("a tenant");
    let retired = keys::retire(&test_app.app, &context, kid, is_forced).await;
    test_app.app.directory.forget();
    retired.map(|(_, lost)| lost)
}

async fn published(test_app: &TestApp) -> Vec<String> {
    let jwks = test_app.relying_party("app").jwks().await;
    jwks["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect()
}

/// The authenticator's check at each start: it subscribes again when the server has another key.
async fn come_back(fixture: &mut PushFixture, ctr: i64) -> (Value, Value) {
    let about = fixture.phone.ask(Method::GET, "/device/v1/self", None).await.expect("itself");
    let (before, offered) = (about["transport"]["vapid_kid"].clone(), about["vapid_kid"].clone());
    if before != offered {
        fixture.subscribe_at(ctr).await;
    }
    (before, offered)
}

#[tokio::test]
async fn both_kinds_of_keys_rotate_while_a_browser_waits_and_the_phone_is_offline() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.subscribe().await;
    let app = fixture.test_app.app.clone();
    let old_push = app
        .directory
        .root()
        .await
        .expect("tenant")
        .keys()
        .await
        .expect("keys")
        .vapid
        .current()
        .kid()
        .to_owned();
    let (ask, page) = fixture.begin_waiting().await;

    let signing = rotate(&fixture.test_app, Purpose::IdToken).await;
    let push = rotate(&fixture.test_app, Purpose::Push).await;
    assert_eq!((signing.len(), push.len()), (3, 1));
    let all = published(&fixture.test_app).await;
    assert_eq!(all.len(), 6, "the new ones are published before they sign");
    assert!(signing.iter().all(|key| all.contains(&key.kid) && matches!(key.state, State::Next(_))));
    assert!(
        app.directory
            .root()
            .await
            .expect("tenant")
            .directory
            .find_vapid_key(&old_push)
            .await
            .expect("keys")
            .is_some(),
        "the subscription needs it"
    );
    let refused = retire(&fixture.test_app, &old_push, false).await;
    assert!(
        matches!(refused, Err(ActionError::Conflict(Conflict::KeyHasSubscriptions { devices: 1 }))),
        "{refused:?}"
    );

    // The phone comes back, moves to the new key and approves.
    let (before, offered) = come_back(&mut fixture, 901).await;
    assert_eq!((before.as_str(), offered.as_str()), (Some(old_push.as_str()), Some(push[0].kid.as_str())));
    let page = fixture.approve(&page).await;
    let tokens = fixture.tokens(&ask, &page).await;
    let old = kid_of(&tokens.id_token);
    assert!(signing.iter().all(|key| key.kid != old), "the relying party has verified it by the key before");
    assert_eq!(retire(&fixture.test_app, &old_push, false).await.expect("no phone needs it"), 0);
    assert!(
        app.directory
            .root()
            .await
            .expect("tenant")
            .directory
            .find_vapid_key(&old_push)
            .await
            .expect("keys")
            .is_none()
    );

    // Now the new keys sign, and the ID token of the old one is still a hint.
    fixture.test_app.clock.advance(KEY_PUBLISHED_BEFORE_USE_SECONDS);
    let silent = [("prompt", "none"), ("id_token_hint", tokens.id_token.as_str())];
    let answer = Answer::of(&fixture.browser.go(&request("quiet_app", &silent)).await);
    assert!(!answer.code().is_empty());
    let again = fixture.app.ask().await.with("prompt", "none");
    let page = fixture.browser.go(&again.address()).await;
    let newer = fixture.tokens(&again, &page).await;
    assert!(signing.iter().any(|key| key.kid == kid_of(&newer.id_token)));
    let refused = retire(&fixture.test_app, &old, false).await;
    let until =
        signing[0].created_at.plus_seconds(KEY_PUBLISHED_BEFORE_USE_SECONDS + KEY_NEEDED_AFTER_USE_SECONDS);
    assert!(
        matches!(refused, Err(ActionError::Conflict(Conflict::KeyNeeded { until: at })) if at == until),
        "{refused:?}"
    );

    // Once no session can need it, it is retired for good.
    fixture.test_app.clock.advance(KEY_NEEDED_AFTER_USE_SECONDS);
    retire(&fixture.test_app, &old, false).await.expect("retired");
    assert!(!published(&fixture.test_app).await.contains(&old));
    assert!(
        app.directory
            .root()
            .await
            .expect("tenant")
            .verified_hint(&tokens.id_token)
            .await
            .expect("keys")
            .is_none()
    );
    assert!(
        app.directory
            .root()
            .await
            .expect("tenant")
            .verified_hint(&newer.id_token)
            .await
            .expect("keys")
            .is_some()
    );
}

#[tokio::test]
async fn a_key_in_use_is_retired_by_force_only_and_the_last_one_never() {
    let mut fixture = PushFixture::with_phone().await;
    fixture.subscribe().await;
    let test_app = &fixture.test_app;
    let mut log = AuditLog::from_now(&test_app.app).await;
    let keys = test_app.app.directory.root().await.expect("tenant").keys().await.expect("keys");
    let old_push = keys.vapid.current().kid().to_owned();
    for is_forced in [false, true] {
        let refused = retire(test_app, &old_push, is_forced).await;
        assert!(matches!(refused, Err(ActionError::Conflict(Conflict::KeyIsTheLast))), "{refused:?}");
    }
    assert!(matches!(retire(test_app, "stranger", true).await, Err(ActionError::NotFound)));
    rotate(test_app, Purpose::Push).await;
    assert_eq!(retire(test_app, &old_push, true).await.expect("by force"), 1);
    let about = fixture.phone.ask(Method::GET, "/device/v1/self", None).await.expect("itself");
    assert_eq!(about["transport"]["state"], "gone");
    let news = log.news(&fixture.test_app.app).await;
    assert!(news.contains("key.rotated") && news.contains("key.retired"), "{news}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_commands_that_retire_the_last_two_keys_one_is_refused() {
    let test_app = TestApp::new().await;
    let old = test_app
        .app
        .directory
        .root()
        .await
        .expect("tenant")
        .keys()
        .await
        .expect("keys")
        .vapid
        .current()
        .kid()
        .to_owned();
    let new = rotate(&test_app, Purpose::Push).await[0].kid.clone();
    let barrier = Arc::new(Barrier::new(2));
    let retirements = [old, new].map(|kid| {
        let (app, barrier) = (test_app.app.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            let context = app.command_context().await.expect("a tenant");
            barrier.wait().await;
            keys::retire(&app, &context, &kid, true).await.is_ok()
        })
    });
    let mut retired = 0;
    for retirement in retirements {
        retired += usize::from(retirement.await.expect("no panic"));
    }
    assert_eq!(retired, 1);
}

/// Runs a command beside the nodes.
fn keys_command(database: &str, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("keys")
        .args(arguments)
        .args(["--json", "--database", database])
        .env("COUNTERSIGN_ENCRYPTION_KEY", URL_SAFE_NO_PAD.encode(SEALING_KEY))
        .env_remove("COUNTERSIGN_TEST_DATABASE")
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Waits until the node publishes a key.
async fn wait_for_key(node: &Process, kid: &str) {
    let app = node.relying_party();
    let waiting = async {
        let mut looks = tokio::time::interval(Duration::from_millis(50));
        while !app.jwks().await.to_string().contains(kid) {
            looks.tick().await;
        }
    };
    tokio::time::timeout(LONGEST_WAIT, waiting).await.expect("the node has heard of the key");
}

#[tokio::test]
async fn a_command_rotates_the_keys_of_running_nodes() {
    let database = TestDatabase::new().await;
    let a = Process::start(database.url()).await;
    let b = if database.is_postgres() { Some(a.start_beside().await) } else { None };
    let other = b.as_ref().unwrap_or(&a);
    let app = a.relying_party();
    let mut phone = other.phone();
    let mut browser = a.browser();
    let (_, page) = to_second_factor(&a, &mut browser, &app).await;
    enroll(&mut browser, &page, &mut phone).await;

    // The browser waits at one node; the keys rotate; the phone comes back at the other one.
    let mut browser = a.browser();
    let (ask, page) = to_second_factor(&a, &mut browser, &app).await;
    let page: Page = send_request(&mut browser, &page).await;
    let made = keys_command(database.url(), &["rotate"]);
    let made = made["keys"].as_array().expect("keys");
    assert_eq!(made.len(), 4, "{made:?}");
    for key in made.iter().filter(|key| key["purpose"] == "id-token") {
        assert_eq!(key["state"], "next");
        for node in [&a, other] {
            wait_for_key(node, key["kid"].as_str().expect("a kid")).await;
        }
    }
    let push = made.iter().find(|key| key["purpose"] == "push").expect("one for push");
    let about = phone.ask(Method::GET, "/device/v1/self", None).await.expect("itself");
    assert_eq!(about["vapid_kid"], push["kid"]);
    approve(&page, &mut phone).await;
    let page = go_on(&mut browser, &page).await;
    let code = app.receive(&ask, &page).expect("a code");
    let tokens = app.redeem(&ask, &code).await.expect("the ID token verifies by the key set");
    assert!(
        made.iter().all(|key| key["kid"] != json!(kid_of(&tokens.id_token))),
        "the new keys do not sign yet"
    );
}
