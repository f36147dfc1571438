//! Checks of a connection when the pool gives it out and when it comes back: a connection with a transaction left open,
//! or one from before a failure, is closed.
//!
//! Never costs a round trip to the database after a committed transaction or a read. Spec: none.
//! Called by: the pools of `connection`.

use super::health::Health;
use sqlx::{
    Connection, Executor, PgConnection, SqliteConnection, postgres::PgPoolOptions, sqlite::SqlitePoolOptions,
};
use std::time::Duration;

/// How long a connection that comes back after a failure may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Adds the checks to a pool of SQLite connections.
pub(super) fn check_sqlite(options: SqlitePoolOptions, health: &Health) -> SqlitePoolOptions {
    let (taken, returned) = (health.clone(), health.clone());
    options
        .before_acquire(move |connection, metadata| {
            let is_good = taken.may_use(metadata.age) && !connection.is_in_transaction();
            Box::pin(std::future::ready(Ok(is_good)))
        })
        .after_release(move |connection, metadata| {
            let is_current = returned.may_use(metadata.age);
            Box::pin(async move { Ok(is_current && sqlite_is_idle(connection).await) })
        })
}

/// Whether no transaction is open, by SQLite and by the driver. After a commit the driver knows it at once. Otherwise
/// a rollback may be queued, or have failed: when ROLLBACK succeeds here, a transaction was still open; when it fails
/// and the driver still counts one, SQLite had ended it by itself, and the driver would begin the next as a savepoint.
async fn sqlite_is_idle(connection: &mut SqliteConnection) -> bool {
    if !connection.is_in_transaction() {
        return true;
    }
    let was_open = connection.execute("ROLLBACK").await.is_ok();
    !was_open && !connection.is_in_transaction()
}

/// Adds the checks to a pool of PostgreSQL connections. One that is taken must answer; one from before a failure is
/// closed unasked, because it may hang.
pub(super) fn check_postgres(options: PgPoolOptions, health: &Health) -> PgPoolOptions {
    let (taken, returned) = (health.clone(), health.clone());
    options
        .before_acquire(move |connection, metadata| {
            let is_good = taken.may_use(metadata.age) && !connection.is_in_transaction();
            Box::pin(async move { Ok(is_good && connection.ping().await.is_ok()) })
        })
        .after_release(move |connection, metadata| {
            let is_current = returned.may_use(metadata.age) && !connection.is_in_transaction();
            let is_doubtful = returned.is_doubtful();
            Box::pin(async move { Ok(is_current && (!is_doubtful || postgres_answers(connection).await)) })
        })
}

/// Whether the connection answers in time. The pool's own test has no deadline, and a connection that hangs in it
/// would take a place of the pool until the system gives it up, which takes a quarter of an hour.
async fn postgres_answers(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())))
}
