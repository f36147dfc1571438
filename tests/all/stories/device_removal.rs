//! A phone is removed, by itself or by a command: the same function, and the same trace in the audit log.

use crate::support::push_fixture::PushFixture;
use ::entity::audit_event::{Entity, Model};
use countersign::{actions::people, storage::Executor};
use http::Method;
use sea_orm::EntityTrait;
use serde_json::Value;

/// Every audit event. Their ids, drawn at one time of the clock, have no order.
async fn events(fixture: &PushFixture) -> Vec<Model> {
    let storage = &fixture.test_app.app.storage;
    Entity::find().all(storage.connection()).await.expect("storage answers")
}

/// The events that are not in `before`, as sorted lines without the actor, the interface and the circumstances
/// of the request: code, object, result, detail, and whether the person, the phone and the sign-in are named.
fn trace(events: &[Model], before: &[Model]) -> Vec<String> {
    let line = |event: &Model| {
        let mut detail = event.detail.clone();
        if let Value::Object(members) = &mut detail {
            members.remove("by");
        }
        let target = event.target_kind.as_deref().unwrap_or("-");
        let result = event.result.as_deref().unwrap_or("-");
        let named = [
            event.person_id.map(|_| "person"),
            event.authenticator_id.map(|_| "device"),
            event.journey_id.map(|_| "journey"),
        ];
        let named: Vec<&str> = named.into_iter().flatten().collect();
        format!("{} {target} {result} {detail} {}", event.code, named.join("+"))
    };
    let is_new = |event: &&Model| before.iter().all(|older| older.id != event.id);
    let mut lines: Vec<String> = events.iter().filter(is_new).map(line).collect();
    lines.sort();
    lines
}

/// The actor, the interface and `by` of the one `device.revoked`.
fn remover(events: &[Model]) -> (String, String, String) {
    let revoked: Vec<&Model> = events.iter().filter(|event| event.code == "device.revoked").collect();
    let [event] = revoked.try_into().expect("one");
    let by = event.detail["by"].as_str().expect("a word").to_owned();
    (event.actor_kind.clone().expect("an actor"), event.via.clone().expect("an interface"), by)
}

#[tokio::test]
async fn a_removal_by_the_phone_and_by_a_command_leave_the_same_events() {
    let mut by_phone = PushFixture::with_phone().await;
    by_phone.begin_waiting().await;
    let before = events(&by_phone).await;
    by_phone.phone.ask(Method::DELETE, "/device/v1/self", None).await.expect("it is removed");
    let phones = events(&by_phone).await;

    let mut by_command = PushFixture::with_phone().await;
    by_command.begin_waiting().await;
    let before_command = events(&by_command).await;
    let app = &by_command.test_app.app;
    let context = app.command_context().await.expect("a tenant");
    let removed = people::reset_factors(app, &context, by_command.test_app.seed.alice).await;
    assert_eq!(removed.expect("a person").removed, 1);
    let commands = events(&by_command).await;

    let mut of_command = trace(&commands, &before_command);
    assert!(of_command.pop().is_some_and(|line| line.starts_with("ticket.created person succeeded")));
    assert_eq!(of_command.pop().as_deref(), Some("person.factors_reset person succeeded {} person"));
    assert_eq!(trace(&phones, &before), of_command);
    insta::assert_snapshot!(of_command.join("\n"), @r#"
    challenge.superseded challenge succeeded {"reason":"device_removed"} person+journey
    device.revoked device succeeded {} person+device
    "#);
    let words = |actor: &str, via: &str, by: &str| (actor.to_owned(), via.to_owned(), by.to_owned());
    assert_eq!(remover(&phones), words("person", "device", "device"));
    assert_eq!(remover(&commands), words("host", "cli", "administrator"));
    for fixture in [&mut by_phone, &mut by_command] {
        let refused = fixture.phone.ask(Method::GET, "/device/v1/self", None).await;
        assert_eq!(refused.expect_err("it is removed").code, "device_revoked");
    }
}
