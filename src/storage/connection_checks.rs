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

/// A writable server answers false. `transaction_read_only` covers both a setting of the database or role and
/// the first moments of a standby.
pub(super) const IS_READ_ONLY: &str =
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS is_read_only";

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

/// Adds the checks to a pool of PostgreSQL connections. A connection that is handed out must answer a ping, or,
/// for a minute after a failure, that its server takes writes; one that was opened before a failure is closed
/// without a question, because it may hang.
pub(super) fn check_postgres(options: PgPoolOptions, health: &Health) -> PgPoolOptions {
    let (taken, returned) = (health.clone(), health.clone());
    options
        .before_acquire(move |connection, metadata| {
            let is_good = taken.may_use(metadata.age) && !connection.is_in_transaction();
            let is_doubtful = taken.is_doubtful();
            Box::pin(async move {
                Ok(is_good
                    && match is_doubtful {
                        true => postgres_takes_writes(connection).await,
                        false => connection.ping().await.is_ok(),
                    })
            })
        })
        .after_release(move |connection, metadata| {
            let is_current = returned.may_use(metadata.age) && !connection.is_in_transaction();
            let is_doubtful = returned.is_doubtful();
            Box::pin(
                async move { Ok(is_current && (!is_doubtful || postgres_takes_writes(connection).await)) },
            )
        })
}

/// Whether the connection's server answers within [`PATIENCE`] that it takes writes. The pool's own test has no
/// deadline: a hanging connection would occupy a slot of the pool until the system gives it up, after a quarter
/// of an hour. A server that turned read-only may be the former primary: after a switch-over its connections
/// would answer reads with old data.
async fn postgres_takes_writes(connection: &mut PgConnection) -> bool {
    let answer =
        tokio::time::timeout(PATIENCE, sqlx::query_scalar::<_, bool>(IS_READ_ONLY).fetch_one(connection));
    matches!(answer.await, Ok(Ok(false)))
}
