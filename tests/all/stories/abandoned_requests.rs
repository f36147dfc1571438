//! A request that is dropped in the middle of a transaction, because its client left or its time limit
//! passed, does not affect later requests.

use crate::support::test_database::TestDatabase;
use countersign::{
    clock::Timestamp,
    storage::{Fault, PoolSize, Storage, settings},
};
use futures_util::poll;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement};
use std::{pin::pin, time::Duration};

/// The number of points of a transaction at which the request is dropped.
const PLACES: usize = 12;

/// Polls `request` until it has waited `waits` times, then drops it; returns whether it ended before.
async fn give_up_after(waits: usize, request: impl Future<Output = Result<(), Fault>>) -> bool {
    let mut request = pin!(request);
    for _ in 0..waits {
        if let std::task::Poll::Ready(outcome) = poll!(&mut request) {
            outcome.expect("nothing fails");
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

async fn keep(storage: &Storage, name: &str) -> Result<(), Fault> {
    let tx = storage.begin().await?;
    settings::insert_setting(&tx, name, name.into(), Timestamp::from_unix_seconds(1_800_000_000)).await?;
    tx.commit().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_given_up_in_a_transaction_leaves_none_open_and_nothing_half_done() {
    let database = TestDatabase::new().await;
    let connections = PoolSize { max_connections: 2, acquire_timeout: Duration::from_secs(60) };
    let storage = Storage::open_with(database.url(), connections).await.expect("the database opens");
    for place in 0..PLACES * 10 {
        let name = format!("given up at {place}");
        let has_ended = give_up_after(place / 5, keep(&storage, &name)).await;
        let after = format!("after {place}");
        keep(&storage, &after).await.expect("the next request is served");
        assert!(
            settings::find(&storage, &after).await.expect("an answer").is_some(),
            "{after} was acknowledged"
        );
        if has_ended {
            assert!(
                settings::find(&storage, &name).await.expect("an answer").is_some(),
                "{name} was acknowledged"
            );
        }
    }
    assert_eq!(open_transactions(&database, &storage).await, 0);
    storage.close().await.expect("closed");
}

/// Checks that no transaction is open at the server. For a SQLite file: that another connection can write.
async fn open_transactions(database: &TestDatabase, storage: &Storage) -> i64 {
    keep(storage, "last").await.expect("served");
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1).sqlx_logging(false);
    let other = Database::connect(options).await.expect("the database is there");
    if !database.is_postgres() {
        other.execute_unprepared("BEGIN IMMEDIATE").await.expect("the write lock is free");
        other.execute_unprepared("ROLLBACK").await.expect("the end");
        return 0;
    }
    let question = "SELECT count(*) AS open FROM pg_stat_activity
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let row = other.query_one_raw(Statement::from_string(DbBackend::Postgres, question)).await;
    row.expect("an answer").expect("a row").try_get("", "open").expect("a count")
}
