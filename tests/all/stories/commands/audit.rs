//! The audit log as commands print it.

use crate::support::{
    command::Commands,
    seed::PASSWORD,
    sign_in::{Answer, give_password, request},
    test_app::TestApp,
};
use ::entity::ids::AuditEventId;
use countersign::{
    audit::{Actor, AuditContext, AuditEvent, Via, about},
    clock::Timestamp,
    storage::audit,
};
use serde_json::Value;

fn texts(events: &[Value], member: &str) -> Vec<String> {
    events.iter().map(|event| event[member].as_str().expect("text").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_listed_newest_first_page_by_page_and_exported_oldest_first() {
    let test_app = TestApp::new().await;
    let commands = Commands::beside(&test_app);
    for name in ["grace", "gus", "grace"] {
        let mut browser = test_app.browser();
        let page = browser.go(&request("quiet_app", &[])).await;
        Answer::of(&give_password(&mut browser, &page, name, PASSWORD).await).code();
        test_app.clock.advance(60);
    }
    let exported = commands.done(&["audit", "export"]).json_lines();
    let ids = texts(&exported, "id");
    assert_eq!(texts(&exported, "code"), ["sign_in.succeeded"; 3]);
    let list = |more: &[&str]| {
        texts(&commands.done(&[&["audit", "list", "--json"][..], more].concat()).json_lines(), "id")
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(list(&[]), newest_first);
    assert_eq!(list(&["--limit", "2"]), newest_first[..2]);
    assert_eq!(list(&["--limit", "2", "--after", &newest_first[1]]), newest_first[2..]);
    let of_grace = commands.done(&["audit", "export", "--person", "grace", "--pool", "guests"]).json_lines();
    assert_eq!(texts(&of_grace, "id"), [ids[0].as_str(), ids[2].as_str()]);
    assert_eq!(commands.done(&["audit", "export", "--client", "quiet_app"]).json_lines().len(), 3);
    assert_eq!(commands.done(&["audit", "export", "--client", "app"]).json_lines().len(), 0);
    assert_eq!(commands.done(&["audit", "export", "--code", "person.added"]).json_lines().len(), 0);
    let second = exported[1]["at"].as_str().expect("a time");
    let since = commands.done(&["audit", "export", "--since", second]).json_lines();
    assert_eq!(texts(&since, "id"), ids[1..]);
    let until = commands.done(&["audit", "export", "--until", second]).json_lines();
    assert_eq!(texts(&until, "id"), ids[..1]);
    assert_eq!(exported[0]["actor"]["kind"], "person");
    assert_eq!(exported[0]["detail"]["how"], "proved");
    let refused = commands.run(&["audit", "list", "--since", "yesterday"], "");
    assert_eq!(refused.code, Some(2));
    assert!(refused.errors.contains("--since: expected a day"), "{refused:?}");
    let line = commands.done(&["audit", "list", "--limit", "1"]).out;
    assert!(line.contains("sign_in.succeeded") && line.contains(&ids[2]), "{line}");
}

/// More events than one page, many of them of one instant.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_of_many_events_of_one_instant_has_each_once_in_order() {
    let test_app = TestApp::new().await;
    let (app, now) = (&test_app.app, test_app.app.now());
    let tx = app.storage.begin().await.expect("a transaction");
    for number in 0..1_203_i64 {
        let at = Timestamp(now.0 + number / 700);
        let context = AuditContext {
            workspace: test_app.seed.workspace,
            actor: Actor::Host,
            via: Via::Cli,
            address: None,
            agent: None,
            request_id: None,
            at,
        };
        let (id, target) = (AuditEventId(app.entropy.id(at)), about(test_app.seed.alice));
        audit::record(&tx, id, &context, &AuditEvent::PersonSignedOut, &target).await.expect("an event");
    }
    tx.commit().await.expect("all of them");
    let commands = Commands::beside(&test_app);
    let exported = texts(&commands.done(&["audit", "export"]).json_lines(), "id");
    assert_eq!(exported.len(), 1_203);
    let listed = commands.done(&["audit", "list", "--json", "--limit", "5000"]).json_lines();
    let listed: Vec<String> = texts(&listed, "id").into_iter().rev().collect();
    assert!(exported == listed);
    let each: std::collections::BTreeSet<&String> = exported.iter().collect();
    assert_eq!(each.len(), 1_203);
}
