//! Every row that an earlier version has written is read.

use super::SCHEMAS;
use crate::support::{fixture::Fixture, test_app::run_clean_up};
use ::entity::{
    access_token, answer_counter, attempt_counter, audit_event, authenticator, authorization_code,
    browser_session, challenge, challenge_device, client, client_pool, consent, enrollment, grant, journey,
    outbox, person, pool, refresh_token, setting, signing_key, transport, workspace,
};
use countersign::{
    outbox::PushMessage,
    storage::{Executor, attempts, clients, people, pools, sessions, stored},
};
use sea_orm::EntityTrait;

/// The schema whose audit events do not say who acted.
const WITHOUT_ACTORS: &str = "d8ba99a";

/// The rows of every table that the fixtures have; fails for a table without one.
macro_rules! rows {
    ($storage:expr, $($table:ident)*) => {
        $(
            let rows = $table::Entity::find().all($storage.connection()).await;
            let $table = rows.unwrap_or_else(|error| panic!("{}: {error}", stringify!($table)));
            assert!(!$table.is_empty(), "the fixture has no {}", stringify!($table));
        )*
    };
}

#[tokio::test]
async fn every_row_of_every_table_is_read() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let storage = &fixture.app.storage;
        rows!(storage, access_token answer_counter attempt_counter audit_event authenticator authorization_code
            browser_session challenge challenge_device client client_pool consent enrollment grant journey outbox
            person pool refresh_token setting signing_key transport workspace);
        for row in &pool {
            pools::get(storage, row.id).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        }
        for row in &client {
            clients::get(storage, row.id).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        }
        for row in &person {
            people::get(storage, row.id).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
            sessions::list_latest(storage, row.id).await.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        }
        for row in &attempt_counter {
            assert!(attempts::find(storage, &row.key).await.expect("an answer").is_some(), "{}", row.key);
        }
        for row in outbox {
            stored::read::<PushMessage>(row.payload).expect("a message");
        }
        for row in &audit_event {
            let known = [row.actor_kind.is_some(), row.via.is_some(), row.result.is_some()];
            assert_eq!(known, [schema != WITHOUT_ACTORS; 3], "{schema}: {}", row.code);
        }
    }
}

#[tokio::test]
async fn the_hourly_sweep_deletes_what_is_over_and_keeps_the_rest() {
    for schema in SCHEMAS {
        let fixture = Fixture::open(schema).await;
        let storage = &fixture.app.storage;
        let lasting = async || {
            rows!(storage, person client authenticator consent browser_session);
            [person.len(), client.len(), authenticator.len(), consent.len(), browser_session.len()]
        };
        let before = lasting().await;
        fixture.clock.advance(3 * 3600);
        run_clean_up(&fixture.app).await.expect("a round");
        assert_eq!(lasting().await, before);
        let left = journey::Entity::find().all(storage.connection()).await.expect("an answer");
        assert_eq!(left.len(), 0, "every sign-in ended within a quarter of an hour");
    }
}
