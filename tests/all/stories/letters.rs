//! Letters: a person is told by mail that a device was added to the account or removed from it. Nothing waits for the
//! mail server, and each letter leaves or is seen as failed.

use crate::support::{
    audit_log::details_of,
    command::Commands,
    mail_server::{Failure, MailServer},
    page::Page,
    push_fixture::PushFixture,
    test_app::TestApp,
};
use ::entity::enums::OutboxState;
use countersign::{
    actions::people,
    config::Config,
    limits::lifetimes::LETTER_LIFETIME_SECONDS,
    storage::{
        Executor,
        outbox::{self, CarrierKind},
    },
    workers::Workers,
};
use sea_orm::EntityTrait;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Barrier;

/// The number of dispatchers that lease at once.
const RIVALS: usize = 4;

fn with_mail(server: &MailServer) -> impl FnOnce(&mut Config) {
    let url = server.url();
    move |config| {
        config.smtp_url = Some(url.into());
        config.mail.from = Some("Northwind <no-reply@example.com>".to_owned());
    }
}

/// Alice adds her first phone; returns the page after it.
async fn add_first_phone(fixture: &mut PushFixture) -> Page {
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.sign_in(&ask).await;
    fixture.enroll(&page).await
}

/// Waits until no letter is left to be sent, or the next attempt is later than now.
async fn settled(test_app: &TestApp) -> Option<i64> {
    let mut looks = tokio::time::interval(std::time::Duration::from_millis(10));
    for _ in 0..2000 {
        let due = outbox::next_due(&test_app.app.storage, CarrierKind::Smtp).await.expect("storage answers");
        match due {
            None => return None,
            // A lease lasts longer than the first delay before another attempt.
            Some(due) if due > test_app.app.now() && due < test_app.app.now().plus_seconds(100) => {
                return Some(due.seconds_since(test_app.app.now()));
            }
            Some(_) => drop(looks.tick().await),
        }
    }
    panic!("a letter was neither sent nor put off");
}

#[tokio::test]
async fn an_added_and_a_removed_device_are_announced_by_letter() {
    let server = MailServer::start().await;
    let test_app = TestApp::configured(with_mail(&server)).await;
    let workers = Workers::start(&test_app.app).await.expect("they start");
    let mut fixture = PushFixture::on(test_app, "alice");
    add_first_phone(&mut fixture).await;
    let letters = server.wait_for(1).await;
    assert_eq!(
        (letters[0].from.as_str(), &letters[0].to[..]),
        ("no-reply@example.com", &["alice@example.com".to_owned()][..])
    );
    for line in [
        "Subject: A device was added to your account",
        "To: alice@example.com",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(letters[0].text.lines().any(|found| found == line), "{line}: {}", letters[0].text);
    }
    assert!(letters[0].text.contains("24 November 2026, 00:00 UTC"), "{}", letters[0].text);

    // The phone removes itself.
    fixture.phone.ask(http::Method::DELETE, "/device/v1/self", None).await.expect("removed");
    let letters = server.wait_for(2).await;
    assert!(
        letters[1].text.contains("Subject: A device was removed from your account"),
        "{}",
        letters[1].text
    );
    assert_eq!(settled(&fixture.test_app).await, None);
    assert_eq!(server.letters().len(), 2, "each once");
    fixture.test_app.app.shutdown.request();
    workers.finished().await;
}

#[tokio::test]
async fn every_way_to_remove_a_device_writes_a_letter() {
    let server = MailServer::start().await;
    let test_app = TestApp::configured(with_mail(&server)).await;
    let workers = Workers::start(&test_app.app).await.expect("they start");
    let mut fixture = PushFixture::on(test_app, "alice");
    add_first_phone(&mut fixture).await;
    server.wait_for(1).await;
    let (app, alice) = (&fixture.test_app.app, fixture.test_app.seed.alice);
    let context = app.command_context().await.expect("a tenant");
    people::reset_factors(app, &context, alice).await.expect("reset");
    let letters = server.wait_for(2).await;
    assert!(letters[1].text.contains("was removed from your account"), "{}", letters[1].text);
    app.shutdown.request();
    workers.finished().await;
}

#[tokio::test]
async fn a_mail_server_that_never_answers_delays_neither_the_sign_in_nor_the_approval() {
    let server = MailServer::start().await;
    server.script([Failure::Silent; 9]);
    let test_app = TestApp::configured(with_mail(&server)).await;
    let _workers = Workers::start(&test_app.app).await.expect("they start");
    let mut fixture = PushFixture::on(test_app, "alice");
    let ask = fixture.app.ask().await.with("acr_values", "2fa");
    let page = fixture.sign_in(&ask).await;
    let page = fixture.enroll(&page).await;
    server.wait_for_connections(1).await;
    let page = fixture.approve(&page).await;
    fixture.app.receive(&ask, &page).expect("a code, while the letter waits");
    assert!(server.letters().is_empty());
}

#[tokio::test]
async fn a_letter_outlives_a_busy_server_and_leaves_once() {
    let server = MailServer::start().await;
    server.script([Failure::Greeting("421 busy"), Failure::Recipient("450 greylisted")]);
    let test_app = TestApp::configured(with_mail(&server)).await;
    let workers = Workers::start(&test_app.app).await.expect("they start");
    let mut fixture = PushFixture::on(test_app, "alice");
    add_first_phone(&mut fixture).await;
    for (connections, pause) in [(1, 5), (2, 30)] {
        server.wait_for_connections(connections).await;
        assert_eq!(settled(&fixture.test_app).await, Some(pause));
        assert!(server.letters().is_empty());
        fixture.test_app.clock.advance(pause);
    }
    server.wait_for(1).await;
    assert_eq!(settled(&fixture.test_app).await, None);
    assert_eq!((server.letters().len(), server.connections()), (1, 3));
    let alice = fixture.test_app.seed.alice;
    assert!(details_of(&fixture.test_app.app, alice, "letter.failed").await.is_empty());
    fixture.test_app.app.shutdown.request();
    workers.finished().await;
}

#[tokio::test]
async fn a_letter_that_is_refused_or_too_old_is_audited_as_failed() {
    for (failures, waits, reason) in [
        (vec![Failure::Recipient("550 no such user")], 0, "refused"),
        (vec![Failure::Greeting("421 busy"); 9], LETTER_LIFETIME_SECONDS, "expired"),
    ] {
        let server = MailServer::start().await;
        server.script(failures);
        let test_app = TestApp::configured(with_mail(&server)).await;
        let workers = Workers::start(&test_app.app).await.expect("they start");
        let mut fixture = PushFixture::on(test_app, "alice");
        add_first_phone(&mut fixture).await;
        server.wait_for_connections(1).await;
        settled(&fixture.test_app).await;
        fixture.test_app.clock.advance(waits);
        assert_eq!(settled(&fixture.test_app).await, None, "{reason}");
        let alice = fixture.test_app.seed.alice;
        let failed = details_of(&fixture.test_app.app, alice, "letter.failed").await;
        assert_eq!(failed, [json!({"letter": "device_added", "reason": reason})]);
        assert!(server.letters().is_empty());
        fixture.test_app.app.shutdown.request();
        workers.finished().await;
    }
}

#[tokio::test]
async fn without_a_mail_server_or_an_address_no_letter_is_queued() {
    let mut fixture = PushFixture::of("alice").await;
    add_first_phone(&mut fixture).await;
    assert_eq!(settled(&fixture.test_app).await, None);
}

/// The part `mail` of `tests/run` names a mail server of others, and reads what it has received.
#[tokio::test]
async fn a_letter_reaches_the_mail_server_that_is_named() {
    let own = MailServer::start().await;
    let url = std::env::var("COUNTERSIGN_TEST_SMTP_URL").unwrap_or_else(|_| own.url());
    let test_app = TestApp::configured(|config| {
        config.smtp_url = Some(url.into());
        config.mail.from = Some("Northwind <no-reply@example.com>".to_owned());
    });
    let test_app = test_app.await;
    let _workers = Workers::start(&test_app.app).await.expect("they start");
    let mut fixture = PushFixture::on(test_app, "alice");
    add_first_phone(&mut fixture).await;
    assert_eq!(settled(&fixture.test_app).await, None, "it was not put off");
    let rows = ::entity::outbox::Entity::find().all(fixture.test_app.app.storage.connection());
    let rows = rows.await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [OutboxState::Accepted]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_leased_by_one_dispatcher_and_by_none_that_knows_push_only() {
    let server = MailServer::start().await;
    let mut fixture = PushFixture::on(TestApp::configured(with_mail(&server)).await, "alice");
    add_first_phone(&mut fixture).await;
    assert!(fixture.queued().await.is_empty(), "no push message was queued");
    let storage = fixture.test_app.app.storage.clone();
    let rows = ::entity::outbox::Entity::find().all(storage.connection()).await.expect("rows");
    // Older versions lease rows in the state `queued`.
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [OutboxState::Waiting]);
    let (now, barrier) = (fixture.test_app.app.now(), Arc::new(Barrier::new(RIVALS)));
    let leases = [(); RIVALS].map(|()| {
        let (storage, barrier) = (storage.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            outbox::lease_due(&storage, CarrierKind::Smtp, (now, 10), now.plus_seconds(60)).await
        })
    });
    let mut leased = 0;
    for lease in leases {
        leased += lease.await.expect("no panic").expect("storage answers").len();
    }
    assert_eq!(leased, 1);
}

#[tokio::test]
async fn letters_are_deleted_with_their_person() {
    let server = MailServer::start().await;
    let mut fixture = PushFixture::on(TestApp::configured(with_mail(&server)).await, "alice");
    add_first_phone(&mut fixture).await;
    let app = &fixture.test_app.app;
    let rows =
        async || ::entity::outbox::Entity::find().all(app.storage.connection()).await.expect("rows").len();
    assert_eq!(rows().await, 1);
    let ended = Commands::beside(&fixture.test_app).run(&["person", "delete", "alice", "--yes"], "");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(rows().await, 0);
}
