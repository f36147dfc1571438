//! Checks a connection when the pool hands it out and when it comes back: closes one with an open transaction
//! and one that was opened before a failure.
//!
//! Never costs a round trip to the database after a committed transaction or a read. Spec: none.
//! Called by: the pools of `connection`.

use super::health::Health;
use sqlx::{
    Connection, Executor, PgConnection, SqliteConnection, postgres::PgPoolOptions, sqlite::SqlitePoolOptions,
};
use std::time::Duration;

/// Time limit for the answer of a connection that comes back after a failure.
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

/// Whether no transaction is open, neither in SQLite nor in the driver. After a commit the driver knows it
/// without a query. Otherwise a rollback may be queued, or may have failed. When this ROLLBACK succeeds, a
/// transaction was still open. When it fails and the driver still counts a transaction, SQLite had ended it
/// by itself, and the driver would begin the next one as a savepoint.
async fn sqlite_is_idle(connection: &mut SqliteConnection) -> bool {
    if !connection.is_in_transaction() {
        return true;
    }
    let was_open = connection.execute("ROLLBACK").await.is_ok();
    !was_open && !connection.is_in_transaction()
}

/// Adds the checks to a pool of PostgreSQL connections. A connection that is handed out must answer a ping;
/// one that was opened before a failure is closed without a ping, because it may hang.
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

/// Whether the connection answers within [`PATIENCE`]. The pool's own test has no deadline: a hanging
/// connection would occupy a slot of the pool until the system gives it up, after a quarter of an hour.
async fn postgres_answers(connection: &mut PgConnection) -> bool {
    matches!(tokio::time::timeout(PATIENCE, connection.ping()).await, Ok(Ok(())))
}
